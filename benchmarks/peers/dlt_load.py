"""Load a CSV file with dlt, in dlt's environment: `python dlt_load.py FILE append|merge`.

Arrow reads the file as text, and dlt hands it to COPY as CSV: the fastest way that dlt documents.
"""

import os
import sys

import dlt
import pyarrow as pa
from dlt.destinations import postgres
from pyarrow import csv

_KEY = ["site_id", "user_id", "purchase_date", "crypto_type"]


def main(file: str, disposition: str) -> None:
    """Append the rows to a table of schema `dlt`, or merge them by their key."""
    names = csv.open_csv(file).schema.names
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    rows = dlt.resource(
        csv.open_csv(file, convert_options=options),
        name=f"transactions_{disposition}",
        write_disposition=disposition,
        primary_key=_KEY,
    )
    pipeline = dlt.pipeline(
        f"benchmark_{disposition}",
        destination=postgres(os.environ["DLT_URL"]),
        dataset_name="dlt",
        pipelines_dir=os.environ["DLT_FOLDER"],
    )
    pipeline.run(rows, loader_file_format="csv").raise_on_failed_jobs()


if __name__ == "__main__":
    main(*sys.argv[1:])
