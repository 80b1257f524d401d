"""A contract with every kind of rule, those that ours does without included."""

from pathlib import Path

from tests.contracts.changed import changed

# Each is put before a rule of ours.
_MORE = {
    "id: site_id_missing": """
          - {id: site_pattern, metric: invalidValues, mustBe: 0, severity: error,
             arguments: {pattern: '^[A-Za-z]{3,}[AOl]$'},
             customProperties: [{property: goodValue, value: MEXICO},
                                {property: badValue, value: BRASIL}]}
""",
    "id: crypto_type_missing": """
          - {id: crypto_listed, type: custom, engine: kpi, severity: error,
             implementation: {rule: reference, table: public.assets, column: code},
             customProperties: [{property: goodValue, value: BTC},
                                {property: badValue, value: ETH}]}
""",
    "id: purchase_date_missing": """
          - {id: date_bounds, type: custom, engine: kpi, severity: error,
             implementation: {rule: bounds, minimum: "2025-03-07"},
             customProperties: [{property: goodValue, value: 7/3/2025},
                                {property: badValue, value: 6/3/2025}]}
""",
    "id: purchase_price_missing": """
          - {id: price_digits, type: custom, engine: kpi, severity: error,
             implementation: {rule: digits, beforePoint: 15, afterPoint: 10},
             customProperties: [{property: goodValue, value: "1.12345678900"},
                                {property: badValue, value: "1.12345678901"}]}
          - {id: price_compared, type: custom, engine: kpi, severity: error,
             implementation: {rule: compare, operator: "<>", column: purchase_units},
             customProperties: [{property: goodValue, value: "20001"},
                                {property: badValue, value: "2"}]}
          - {id: price_is_low, type: custom, engine: kpi, severity: warn, dimension: accuracy,
             description: a price below 50 is a rumour,
             implementation: {rule: bounds, minimum: 49.5},
             customProperties: [{property: goodValue, value: "50"},
                                {property: badValue, value: "49"}]}
""",
    "id: duplicate_candidate": """
      - {id: own_sql, type: custom, engine: kpi, severity: error,
         description: "nobody buys 3 for 7, whatever a note {x} at 10:am and 100 % says",
         implementation: {rule: sql,
           holds: "NOT (purchase_price = 7 AND purchase_units = 3 AND ':am {x} 100%' <> '')"},
         customProperties: [{property: goodValue, value: {purchase_price: "7"}},
                            {property: badValue,
                             value: {purchase_price: "7", purchase_units: "3"}}]}
""",
}


def every_kind(folder: Path) -> Path:
    """Return a contract with a rule of each kind; one refers to the table public.assets."""
    # Fewer years than ours: a calendar of all of them costs more than to judge.
    path = changed(folder, "2199", "2031")
    for first, rules in _MORE.items():
        indent = rules[1 : rules.index("-")]
        path = changed(folder, f"- {first}", f"{rules.strip()}\n{indent}- {first}", of=path)
    return path
