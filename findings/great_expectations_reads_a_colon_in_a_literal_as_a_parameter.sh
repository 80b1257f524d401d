#!/usr/bin/env bash
# Great Expectations 1.24.1 with SQLAlchemy 2.0, seen on 2026-11-29 with Python 3.11.
#
# UnexpectedRowsExpectation takes a query as SQL, which the database runs. One would guess that what
# stands in quotes there is text. SQLAlchemy reads a word after a colon as a parameter, in quotes as
# well: a query that looks for a tag such as 'a :b' is sent with a value that nobody gave, and counts
# as a failed expectation that found no rows, with an exception in the result. 'a:b' is left alone,
# because of the letter before the colon, so that a check works until its text has a space.
# Write the colon as '\:' there, which SQLAlchemy takes back before the database sees it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  great-expectations==1.24.1 sqlalchemy==2.0.35 pandas==2.3.3

cat > "$folder/check.py" << 'PYTHON'
import sqlite3
import sys

import great_expectations as gx

file = f"{sys.argv[1]}/sales.db"
with sqlite3.connect(file) as connection:
    connection.execute("CREATE TABLE sales (id INTEGER, note TEXT)")
    connection.execute("INSERT INTO sales VALUES (1, 'paid')")

context = gx.get_context(mode="ephemeral")
source = context.data_sources.add_sqlite("sales", connection_string=f"sqlite:///{file}")
asset = source.add_table_asset("sales", table_name="sales")
batch = asset.add_batch_definition_whole_table("all").get_batch()

for text, written in (("due:later", "due:later"), ("due :later", "due :later"), ("due :later", r"due \:later")):
    # No sale has that note.
    query = f"SELECT * FROM {{batch}} WHERE note = '{written}'"
    result = batch.validate(
        gx.expectations.UnexpectedRowsExpectation(unexpected_rows_query=query)
    )
    raised = any(
        one.get("raised_exception")
        for one in (result.exception_info, *result.exception_info.values())
        if isinstance(one, dict)
    )
    with sqlite3.connect(file) as connection:
        rows = len(connection.execute("SELECT * FROM sales WHERE note = ?", [text]).fetchall())
    outcome = "passes" if result.success else "fails"
    print(f"'{written}': {rows} rows in SQLite, {outcome}{', raised' if raised else ''}")
PYTHON
seen=$(PYTHONWARNINGS=ignore "$folder/venv/bin/python" "$folder/check.py" "$folder" 2> /dev/null)
echo "$seen"
[ "$seen" = "'due:later': 0 rows in SQLite, passes
'due :later': 0 rows in SQLite, fails, raised
'due \:later': 0 rows in SQLite, passes" ]
