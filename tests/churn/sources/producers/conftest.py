"""Settings for deliveries of a few lines, whose files need not know one another's users."""

from tests.churn.features.conftest import make_churn_settings

__all__ = ["make_churn_settings"]
