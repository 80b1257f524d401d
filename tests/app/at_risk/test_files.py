"""The files that a campaign takes: a list for people, ids for programs."""

from app.at_risk.files import as_audience, as_list

USERS = [
    {
        "user_id": 7,
        "probability": 0.75,
        "active": True,
        "spent_90d": 12.5,
        "segment": "Instore",
        "city": 'Rosario, "Santa Fe"',
        "reasons": ["age", "long_gone"],
    },
    {
        "user_id": 3,
        "probability": 0.5,
        "active": None,
        "spent_90d": None,
        "segment": None,
        "city": "=1+1",
        "reasons": None,
    },
]


def test_the_list_has_reasons_in_words() -> None:
    assert as_list(USERS, {"age": "Age"}).splitlines() == [
        "user_id,churn_probability,active,spent_90d,segment,city,reasons",
        '7,0.75,1,12.5,Instore,"Rosario, ""Santa Fe""",Age; long_gone',
        # A spreadsheet does not run what a delivery wrote.
        "3,0.5,,,,'=1+1,",
    ]


def test_the_audience_is_ids_in_the_order_of_contacting() -> None:
    assert as_audience(USERS) == "user_id\n7\n3\n"
