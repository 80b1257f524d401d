"""How the images are built where a company's proxy shows certificates of its own."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from compose.stack.images import copy_certificate, with_those_made_here
from compose.stack.settings.environment import described
from flows.paths import REPOSITORY
from tests.stack.stack import docker


@pytest.fixture(scope="module")
def python() -> str:
    """What images are built on, as the platform's file would name it on this machine."""
    return described(with_those_made_here(""))["PYTHON_IMAGE"]


@pytest.fixture
def image() -> Iterator[str]:
    """Name of an image that is removed after the test."""
    name = f"kpi-delivery-certificates:{token_hex(4)}"
    yield name
    docker("image", "rm", name)


def certificate_authority() -> bytes:
    """Return the certificate of an authority that nobody knows, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A company's proxy")])
    today = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def test_an_extra_certificate_is_trusted_in_the_images(
    tmp_path: Path, image: str, python: str
) -> None:
    images = tmp_path / "compose" / "images"
    given = tmp_path / "given.pem"
    given.write_bytes(certificate_authority())
    copy_certificate(given, images / "certificates" / "extra.crt")
    shutil.copy(REPOSITORY / "compose" / "images" / "Dockerfile", images)
    (tmp_path / "compose.yaml").write_text(
        "services:\n"
        "  certificates:\n"
        f"    image: {image}\n"
        "    build:\n"
        "      context: .\n"
        "      dockerfile: compose/images/Dockerfile\n"
        "      target: certificates\n"
        f"      args: {{PYTHON_IMAGE: '{python}'}}\n"
    )

    docker("compose", "--project-directory", str(tmp_path), "build")

    # OpenSSL's own default, and what Python's packages are told to read.
    trusted = docker("run", "--rm", image, "sh", "-c", "cat $SSL_CERT_FILE $REQUESTS_CA_BUNDLE")
    assert trusted.count(given.read_text().strip()) == 2


def test_builds_see_neither_passwords_nor_deliveries(
    tmp_path: Path, image: str, python: str
) -> None:
    secret = ("compose/.env", ".env", ".git/config", ".kpi/postgres/password", "tests/x.py")
    delivered = ("data/churn/PAYMENTS.csv", "compose/images/certificates/extra.crt")
    for name in (*secret, *delivered, "flows/x.py", ".dockerignore", "Dockerfile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    shutil.copy(REPOSITORY / ".dockerignore", tmp_path)
    (tmp_path / "Dockerfile").write_text(f"FROM {python}\nCOPY . /seen\n")
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  seen:\n    image: {image}\n    build: .\n"
    )

    docker("compose", "--project-directory", str(tmp_path), "build")

    seen = docker("run", "--rm", image, "find", "/seen", "-type", "f").split()
    assert sorted(seen) == ["/seen/compose/images/certificates/extra.crt", "/seen/flows/x.py"]
