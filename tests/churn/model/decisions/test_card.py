"""The card as MLflow's description, which holds fewer characters than a card may have."""

from flows.churn.model.logged.card import as_description


def test_a_card_too_long_for_mlflow_still_says_what_it_must_not_do() -> None:
    end = "## What it must not be used for\n\n- Prices.\n"
    card = "# Churn model\n" + "A line of it.\n" * 1_000 + end
    assert as_description(card, len(card)) == card
    cut = as_description(card, 8_000)
    assert 7_900 < len(cut) <= 8_000
    assert cut.startswith("# Churn model\nA line of it.\n")
    rest = "*Cut here: model_card.md, among the artifacts, has the rest.*"
    assert cut.endswith(f"A line of it.\n\n{rest}\n\n{end}")
