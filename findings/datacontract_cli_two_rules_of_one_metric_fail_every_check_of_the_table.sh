#!/usr/bin/env bash
# datacontract-cli 1.2.8 with DuckDB 1.5.4, seen on 2026-11-29 with Python 3.11.
#
# A column of an ODCS contract may have any number of quality rules: that no cell is missing, and,
# with a severity of its own, that few are. One would guess that `datacontract test` answers both.
# It names the columns of its query by column and metric, so that two rules of one metric get one
# name, and the database refuses the whole query: every check of the table that counts something
# fails, also those of other columns and although the data is good, and the second rule has no
# result. With one rule alone all pass. Say the second one by another metric, such as missingValues.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  'datacontract-cli[duckdb]==1.2.8' duckdb==1.5.4

printf 'order_id,customer\n1,a\n2,b\n3,c\n' > "$folder/orders.csv"
cat > "$folder/judge.py" << 'PYTHON'
import os

from datacontract.data_contract import DataContract

os.chdir(os.path.dirname(__file__))
NO = "{type: library, metric: nullValues, mustBe: 0}"
FEW = "{type: library, metric: nullValues, mustBeLessThan: 2}"
for rules in ([NO], [FEW], [NO, FEW]):
    contract = f"""
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
servers: [{{server: here, type: local, path: orders.csv, format: csv, delimiter: ","}}]
schema:
  - name: orders
    logicalType: object
    properties:
      - {{name: order_id, logicalType: integer, required: true}}
      - {{name: customer, logicalType: string, quality: [{", ".join(rules)}]}}
"""
    run = DataContract(data_contract_str=contract).test()
    print(f"{len(rules)} on customer:")
    for check in sorted(run.checks, key=lambda check: (check.field, check.type, check.name)):
        if "present" not in check.name:
            print(f"  {check.field}, {check.name.split('has ')[1]}: {check.result and check.result.value}")
PYTHON

seen=$(HOME="$folder" "$folder/venv/bin/python" "$folder/judge.py" 2> /dev/null)
echo "$seen"
[ "$seen" = "1 on customer:
  customer, missing_count = 0: passed
  order_id, no missing values: passed
1 on customer:
  customer, missing_count < 2: passed
  order_id, no missing values: passed
2 on customer:
  customer, missing_count < 2: None
  customer, missing_count = 0: failed
  order_id, no missing values: failed" ]
