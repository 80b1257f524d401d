"""What answers from outside, and whom."""

import httpx
import pytest

from flows.local.machine import wait_until
from tests.hosted.machine.hosted_machine import DOMAIN, Machine

APP = f"https://{DOMAIN}/"
PATIENCE = 120
FILES = f"https://files.{DOMAIN}/"
BEHIND_THE_LOGIN = {
    APP: "Streamlit",
    f"https://prefect.{DOMAIN}/": "Prefect",
    f"https://mlflow.{DOMAIN}/": "MLflow",
}


@pytest.mark.parametrize("page", BEHIND_THE_LOGIN)
def test_a_page_is_refused_without_the_login_and_served_with_it(
    machine: Machine, page: str
) -> None:
    assert machine.get(page).status_code == 401
    assert machine.get(page, "kpi", "a guess").status_code == 401
    assert machine.get(page, "somebody", machine.password).status_code == 401

    served = machine.get(page, "kpi", machine.password)

    assert served.status_code == 200
    assert BEHIND_THE_LOGIN[page].lower() in served.text.lower()
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Caddy" not in served.headers.get_list("Server")


@pytest.mark.parametrize("page", [*BEHIND_THE_LOGIN, FILES])
def test_a_page_of_another_site_is_refused_with_the_login_too(machine: Machine, page: str) -> None:
    own = page.rstrip("/")

    def told(origin: str) -> int:
        return machine.get(page, "kpi", machine.password, origin).status_code

    assert told(own) not in (401, 403)
    for origin in ("https://example.com", "null", own.replace("https", "http"), f"{own}:8443"):
        assert told(origin) == 403
    assert machine.get(page, origin="https://example.com").status_code == 401


def test_apis_are_behind_the_login_too(machine: Machine) -> None:
    flows = f"https://prefect.{DOMAIN}/api/flows/count"
    models = f"https://mlflow.{DOMAIN}/api/2.0/mlflow/experiments/search?max_results=1"

    assert machine.get(flows).status_code == 401
    assert machine.get(models).status_code == 401
    assert machine.get(models, "kpi", machine.password).status_code == 200


def test_a_page_with_a_login_of_its_own_is_behind_the_proxy_s_too(machine: Machine) -> None:
    assert machine.get(FILES).status_code == 401
    assert machine.get(FILES, "kpi", machine.password).status_code != 401
    assert machine.settings["S3_SECRET_ACCESS_KEY"] in machine.make("hosted-login")


def test_a_reader_opens_the_app_and_nothing_that_starts_runs(machine: Machine) -> None:
    reader = machine.ssh("cat /srv/kpi/login-reader").strip()

    assert reader != machine.password
    assert machine.get(APP, "reader", reader).status_code == 200
    for page in (*(BEHIND_THE_LOGIN.keys() - {APP}), FILES):
        assert machine.get(page, "reader", reader).status_code == 401
    machine.ssh("fail2ban-client unban --all")


def guess_is_shut_out(machine: Machine) -> bool:
    """Guess a password; return whether nobody answers any more."""
    try:
        assert machine.get(APP, "kpi", "a guess").status_code == 401
    except httpx.TransportError:
        return True
    return False


def test_who_guesses_passwords_is_shut_out(machine: Machine) -> None:
    machine.ssh("fail2ban-client unban --all")
    try:
        assert wait_until(lambda: guess_is_shut_out(machine), PATIENCE)
    finally:
        machine.ssh("fail2ban-client unban --all")
    assert machine.get(APP, "kpi", machine.password).status_code == 200


def test_addresses_and_passwords_are_shown_on_request(machine: Machine) -> None:
    said = machine.make("hosted-login")

    for page in BEHIND_THE_LOGIN:
        assert page.rstrip("/") in said
    assert f"user kpi, password {machine.password}" in said


def test_plain_http_leads_to_https(machine: Machine) -> None:
    answer = machine.get(f"http://{DOMAIN}/somewhere")

    assert answer.status_code in (301, 308)
    assert answer.headers["Location"] == f"https://{DOMAIN}/somewhere"


def test_no_other_port_answers_from_outside(machine: Machine) -> None:
    machine.ssh(
        "docker run --detach --name published --publish 0.0.0.0:9998:5432"
        " --entrypoint sleep postgres:15 600"
    )
    machine.ssh("systemd-run --unit listener python3 -m http.server --bind 0.0.0.0 9999")
    try:
        listening = {
            int(line.split()[3].rsplit(":", 1)[1])
            for line in machine.ssh("ss --no-header --listening --tcp --numeric").splitlines()
        }
        # The two that listen everywhere, and the services on loopback, were really found.
        assert {22, 80, 443, 4200, 5000, 5432, 8601, 9998, 9999} <= listening

        assert machine.ports_that_answer(listening | set(range(1, 1025))) == {22, 80, 443}
    finally:
        machine.ssh("systemctl stop listener; docker rm --force published")
