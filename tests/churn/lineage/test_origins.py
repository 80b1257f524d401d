"""A changed cell changes the features that lineage says, and no other."""

from pathlib import Path

import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.lineage.origins import origins
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, ROWS, deliver
from tests.churn.features.churn_features import feature_frame, make_features

FILES = ("ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA")
DAYS = dict.fromkeys(FILES, "2026-05-31")
CHANGES = {
    ("PAYMENTS", "FECHA"): ("2026-05-30,8,1,20.50", "2026-03-15,8,1,20.50"),
    ("PAYMENTS", "SPENT"): (",20.50,", ",30.50,"),
    ("PAYMENTS", "TPV_SEGMENT_DETAIL"): (",20.50,Utilities", ",20.50,Instore"),
    ("PAYMENTS", "DESCUENTO"): (",2.50", ","),
    ("ACTIVE_USER", "MAU_MP_1"): ("1,9,8,7", "1,10,8,7"),
    ("ACTIVE_USER", "MAU_ML_1"): ("1,9,8,7", "1,9,9,7"),
    ("ACTIVE_USER", "MAU_ML_2"): ("1,9,8,7", "1,9,8,8"),
    ("ACTIVE_USER", "last_login_mp_date_1"): ("2026-05-30", "2026-05-20"),
    ("DEMOGRAFICOS", "AGE"): ("1,30", "1,31"),
    ("DEMOGRAFICOS", "GENDER"): ("30,F", "30,M"),
    ("DEMOGRAFICOS", "CARD_TYPE"): ("Credit", "None"),
    ("DINERO_CUENTA", "PLATA_CUENTA_1"): ("150.25", "151.25"),
    ("DINERO_CUENTA", "PLATA_CUENTA_2"): ("99.5", "98.5"),
    ("DINERO_CUENTA", "INVERSION"): ("Investing", "Pending"),
    ("MARKETPLACE_DATA", "SPENT_ML"): ("80.10", "81.10"),
    ("MARKETPLACE_DATA", "RECENCY_ML"): ("2026-05-01", "2026-04-01"),
    ("MARKETPLACE_DATA", "FREQUENCY_ML"): (",3", ",4"),
}


def test_each_feature_has_origins_and_each_origin_is_tried() -> None:
    assert tuple(origins()) == FEATURE_NAMES
    assert {origin for found in origins().values() for origin in found} == set(CHANGES)


@pytest.mark.parametrize(("file", "column"), CHANGES)
def test_a_changed_cell_changes_what_is_made_from_it(
    file: str, column: str, churn_settings: Settings, tmp_path: Path
) -> None:
    before, after = CHANGES[file, column]
    changed_rows = [row.replace(before, after, 1) for row in ROWS[file]]
    frames = []
    for name, rows in (("as it was", ROWS[file]), ("changed", changed_rows)):
        source = deliver(tmp_path / name, true_as_of=DAYS, **{file: rows})
        run, _ = make_features(churn_settings, source, AS_OF, name.replace(" ", "-"))
        frames.append(feature_frame(churn_settings, run))
    was, now = frames
    changed = {name for name in FEATURE_NAMES if not was[name].equals(now[name])}
    declared = {name for name, found in origins().items() if (file, column) in found}
    assert changed
    # Another day of payment moves only those whose days it leaves or enters.
    assert changed <= declared if column == "FECHA" else changed == declared
