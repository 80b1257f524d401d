#!/usr/bin/env bash
# DuckDB 1.5.4, seen on 2026-11-28 with Python 3.11.
#
# TRY_CAST(text AS BIGINT) returns NULL for what is no whole number, so one would guess that it
# tells ids from what a spreadsheet or another system made of them. It reads exponents, fractions,
# hexadecimal and underscores as well, and rounds: the id 73928e05 of one system becomes the number
# 7392800000, 1.23E+04 becomes 12300, 12348.4 becomes 12348. Three users' payments can become one
# user's without a word. Only a pattern, such as regexp_full_match(text, '-?[0-9]+'), says what
# consists of digits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.4

cat > "$folder/cast.py" << 'PYTHON'
import duckdb

for text in ("12345", "73928e05", "1.23E+04", "3.01235E+09", "12348.4", "12348.6", "1_2_3", "0x10"):
    number, digits = duckdb.execute(
        "SELECT TRY_CAST(? AS BIGINT), regexp_full_match(?, '-?[0-9]+')", [text, text]
    ).fetchone()
    print(f"{text}: {number}, digits alone: {digits}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/cast.py")
echo "$seen"
[ "$seen" = "12345: 12345, digits alone: True
73928e05: 7392800000, digits alone: False
1.23E+04: 12300, digits alone: False
3.01235E+09: 3012350000, digits alone: False
12348.4: 12348, digits alone: False
12348.6: 12349, digits alone: False
1_2_3: 123, digits alone: False
0x10: 16, digits alone: False" ]
