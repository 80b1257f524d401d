#!/usr/bin/env bash
# Great Expectations 1.24.1 with SQLAlchemy 2.0, seen on 2026-11-28 with Python 3.11.
#
# ExpectColumnValuesToBeBetween takes a whole number as a bound. One would guess that a BIGINT
# column is compared with that number. The bound becomes a float when the expectation is made:
# above 2**53 it is another number. An id that equals its largest allowed value is unexpected, and
# one that is just below the smallest is let through, without a word. Ids of 17 and more digits
# (snowflake ids of social networks and exchanges, ids that begin with a time) are of that size.
# The same bound in SQL, or in ExpectColumnValuesToBeInSet, is exact.
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

LARGE, ONE_MORE = 2**53, 2**53 + 1
file = f"{sys.argv[1]}/ids.db"
with sqlite3.connect(file) as connection:
    for table, value in (("large", LARGE), ("one_more", ONE_MORE)):
        connection.execute(f"CREATE TABLE {table} (id BIGINT)")
        connection.execute(f"INSERT INTO {table} VALUES (?)", [value])

context = gx.get_context(mode="ephemeral")
source = context.data_sources.add_sqlite("ids", connection_string=f"sqlite:///{file}")


def passes(table, expectation):
    asset = source.add_table_asset(f"{table} {id(expectation)}", table_name=table)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    return batch.validate(expectation).success


between, in_set = gx.expectations.ExpectColumnValuesToBeBetween, gx.expectations.ExpectColumnValuesToBeInSet
print(ONE_MORE, "is at most itself:", passes("one_more", between(column="id", max_value=ONE_MORE)))
print(LARGE, "is at least one more:", passes("large", between(column="id", min_value=ONE_MORE)))
print(ONE_MORE, "is one of itself:", passes("one_more", in_set(column="id", value_set=[ONE_MORE])))
print("the bound is", between(column="id", max_value=ONE_MORE).max_value)
PYTHON
seen=$(PYTHONWARNINGS=ignore "$folder/venv/bin/python" "$folder/check.py" "$folder" 2> /dev/null)
echo "$seen"
[ "$seen" = "9007199254740993 is at most itself: False
9007199254740992 is at least one more: True
9007199254740993 is one of itself: True
the bound is 9007199254740992.0" ]
