"""A delivery small enough to compute by hand: three users, the five files as lines of text."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

AS_OF = date(2026, 6, 30)
CUTOFF = date(2026, 5, 31)

HEADERS = {
    "PAYMENTS": "FECHA,CUS_CUST_ID_SEL,CUS_CUST_ID_BUY,SPENT,TPV_SEGMENT_DETAIL,DESCUENTO",
    "ACTIVE_USER": "CUS_CUST_ID_BUY,MAU_MP_1,MAU_ML_1,MAU_ML_2,last_login_mp_date_1",
    "DEMOGRAFICOS": "CUS_CUST_ID_BUY,AGE,GENDER,CARD_TYPE,CITY",
    "DINERO_CUENTA": "CUS_CUST_ID_BUY,PLATA_CUENTA_1,PLATA_CUENTA_2,INVERSION",
    "MARKETPLACE_DATA": "CUS_CUST_ID_BUY,SPENT_ML,RECENCY_ML,FREQUENCY_ML",
}
ROWS = {
    "PAYMENTS": (
        "2026-02-01,7,1,10.00,Instore,",
        "2026-05-30,8,1,20.50,Utilities,2.50",
        "2026-05-31,7,2,5.00,Transport,",
        "2026-06-30,7,1,10.00,Instore,1",
    ),
    "ACTIVE_USER": ("1,9,8,7,2026-05-30", "2,0,3,0,", "3,,,,"),
    "DEMOGRAFICOS": ("1,30,F,Credit,Rosario", "2,41,M,None,", "3,,,,"),
    "DINERO_CUENTA": ("1,150.25,99.5,Investing", "2,0,0,Pending", "3,,,"),
    "MARKETPLACE_DATA": ("1,80.10,2026-05-01,3", "2,0,,0", "3,,,"),
}


def deliver(
    folder: Path, *, true_as_of: dict[str, str] | None = None, **files: Iterable[str]
) -> Path:
    """Write the five files below their headers, those given as keywords with other rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**ROWS, **files}.items():
        text = "".join(f"{line}\n" for line in (HEADERS[name], *rows))
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    if true_as_of is not None:
        (folder / "delivery.json").write_text(json.dumps({"true_as_of": true_as_of}))
    return folder
