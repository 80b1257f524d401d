"""Segments and cities of scored users, which the app offers to choose."""

from pathlib import Path

import pytest

from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.model.score_users import score_users
from flows.churn.planning import plan_snapshot
from flows.churn.sample_data.writer import write_sample_data
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.handmade_models import AS_OF, Registry


def test_segments_and_cities_are_kept_with_the_scores(
    settings: Settings,
    db: Connection,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Registry(settings, tmp_path_factory, ["good"])
    write_sample_data(tmp_path / "delivery", users=300, seed=3)
    run = plan_snapshot(settings, AS_OF, source=tmp_path / "delivery")
    build_current_snapshot(settings, run)
    for most in (200, 2):  # the second time those of the first are replaced
        monkeypatch.setattr("flows.churn.model.score_users._MOST_GROUPS", most)
        score_users(settings, run)
        for kind in ("segment", "city"):
            counted = db.execute(
                f"SELECT {kind} AS name, count(*) AS users FROM prod.bt_churn_scores"
                f" WHERE {kind} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1".encode()
            ).fetchall()
            kept = db.execute(
                "SELECT name, users FROM prod.bt_churn_scored_groups"
                " WHERE as_of = %s AND kind = %s ORDER BY 2 DESC, 1",
                [AS_OF, kind],
            ).fetchall()
            assert len(counted) > 2
            assert kept == counted[:most]
