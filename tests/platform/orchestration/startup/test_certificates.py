"""What Prefect's clients believe: read once, and again when it changed."""

import os
import ssl
from pathlib import Path
from typing import Any

import certifi
import pytest

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[ssl.SSLContext]:
    """The contexts that were made since, in their order."""
    made: list[ssl.SSLContext] = []
    make = ssl.create_default_context

    def noted(**options: Any) -> ssl.SSLContext:
        made.append(make(**options))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", noted)
    return made


def make_clients(**settings: Any) -> None:
    from prefect import get_client
    from prefect import settings as of_prefect

    with of_prefect.temporary_settings(
        {getattr(of_prefect, name): value for name, value in settings.items()}
    ):
        get_client()
        get_client(sync_client=True)


def test_clients_share_what_one_of_them_read_until_it_changes(
    read: list[ssl.SSLContext], tmp_path: Path
) -> None:
    believed = tmp_path / "believed.pem"
    believed.write_text(Path(certifi.where()).read_text(encoding="utf-8"), encoding="utf-8")

    make_clients(PREFECT_API_SSL_CERT_FILE=str(believed))
    make_clients(PREFECT_API_SSL_CERT_FILE=str(believed))
    assert len(read) == 1
    assert read[0].verify_mode == ssl.CERT_REQUIRED
    assert read[0].check_hostname

    os.utime(believed, (0, 0))
    make_clients(PREFECT_API_SSL_CERT_FILE=str(believed))
    assert len(read) == 2


def test_who_believes_everybody_shares_that_with_nobody(read: list[ssl.SSLContext]) -> None:
    make_clients(PREFECT_API_TLS_INSECURE_SKIP_VERIFY=True)

    assert [made.verify_mode for made in read] == [ssl.CERT_NONE, ssl.CERT_NONE]
    assert read[0] is not read[1]
