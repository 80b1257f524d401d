#!/usr/bin/env bash
# Great Expectations 1.24.1 with SQLAlchemy 2.0, seen on 2026-11-29 with Python 3.11.
#
# The query of UnexpectedRowsExpectation reads the rows as {batch}. One would guess that {batch}
# stands for a table: it may have an alias, as each condition on another row of the same table
# (NOT EXISTS, a correlated subquery) needs one. Without the word JOIN in the query, {batch} comes
# with an alias of its own, `(SELECT …) AS subselect`, also where the batch is a whole table: another
# one is a syntax error, which counts as a failed expectation. With a JOIN, it comes without one, and
# must be given one. So a query that passes fails when a JOIN leaves it, and nothing says why.
# In a query without JOIN, write {batch} without an alias, in a CTE of its own where it needs a name.
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
    connection.execute("CREATE TABLE sales (id INTEGER, refund_of INTEGER)")
    connection.executemany("INSERT INTO sales VALUES (?, ?)", [(1, None), (2, 1)])

context = gx.get_context(mode="ephemeral")
source = context.data_sources.add_sqlite("sales", connection_string=f"sqlite:///{file}")
asset = source.add_table_asset("sales", table_name="sales")
batch = asset.add_batch_definition_whole_table("all").get_batch()


def outcome(query):
    query_of_rows = gx.expectations.UnexpectedRowsExpectation(unexpected_rows_query=query)
    return "passes" if batch.validate(query_of_rows).success else "fails"


# Refunds of sales that are not there: the table has none.
queries = {
    "NOT EXISTS, with an alias": """
        SELECT * FROM {batch} AS refund WHERE refund.refund_of IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM sales WHERE sales.id = refund.refund_of)""",
    "LEFT JOIN, with an alias": """
        SELECT refund.* FROM {batch} AS refund LEFT JOIN sales ON sales.id = refund.refund_of
        WHERE refund.refund_of IS NOT NULL AND sales.id IS NULL""",
    "NOT EXISTS, from a CTE": """
        WITH refund AS (SELECT * FROM {batch})
        SELECT * FROM refund WHERE refund.refund_of IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM sales WHERE sales.id = refund.refund_of)""",
}
with sqlite3.connect(file) as connection:
    for name, query in queries.items():
        rows = connection.execute(query.format(batch="sales")).fetchall()
        print(f"{name}: {len(rows)} rows in SQLite, {outcome(query)}")
PYTHON
seen=$(PYTHONWARNINGS=ignore "$folder/venv/bin/python" "$folder/check.py" "$folder" 2> /dev/null)
echo "$seen"
[ "$seen" = "NOT EXISTS, with an alias: 0 rows in SQLite, fails
LEFT JOIN, with an alias: 0 rows in SQLite, passes
NOT EXISTS, from a CTE: 0 rows in SQLite, passes" ]
