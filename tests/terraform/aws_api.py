"""moto's AWS API as a program: `aws_api.py PORT`, with what it lacks of AWS Budgets.

A process of its own, because moto reads MOTO_AMIS_PATH when it is imported.
"""

import json
import sys

from moto.budgets.responses import BudgetsResponse
from moto.server import main


def describe_subscribers_for_notification(self: BudgetsResponse) -> str:
    """Answer with those that the notification was made with."""
    budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
    asked = self._get_param("Notification")
    [found] = [
        notification.subscribers
        for notification in budget.notifications
        if notification.details["NotificationType"] == asked["NotificationType"]
    ]
    return json.dumps({"Subscribers": found, "NextToken": None})


def list_tags_for_resource(self: BudgetsResponse) -> str:
    """Answer with those that the budget was made with, which moto does not keep."""
    return json.dumps({"ResourceTags": _tags[self._get_param("ResourceARN").partition("/")[2]]})


def create_budget(self: BudgetsResponse) -> str:
    """Keep its tags, too."""
    _tags[self._get_param("Budget")["BudgetName"]] = self._get_param("ResourceTags", [])
    return str(_create_budget(self))


_tags: dict[str, list[dict[str, str]]] = {}
_create_budget = BudgetsResponse.create_budget


if __name__ == "__main__":
    BudgetsResponse.create_budget = create_budget
    BudgetsResponse.describe_subscribers_for_notification = describe_subscribers_for_notification
    BudgetsResponse.list_tags_for_resource = list_tags_for_resource
    main(["--host", "127.0.0.1", "--port", sys.argv[1]])
