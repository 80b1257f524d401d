"""Ask which locked packages are known to be vulnerable: 0 none, 1 some, 69 nobody answered."""

import json
from pathlib import Path
from typing import Any

from supply_chain.tools import ENVIRONMENT, NotReachable, Problem, run, say

OSV = "https://api.osv.dev/v1/query"
VULNERABLE = 1
# What pip-audit, and the library below it, say when they cannot ask.
_NO_ANSWER = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "Could not connect", "HTTPError")
_INCOMPLETE = 70


def every_lock() -> list[Path]:
    """Return the files of locked packages, those of the tools included."""
    return sorted(Path("requirements").glob("*.txt"))


def audit(files: list[Path], source: str) -> int:
    """Print what the source knows about the packages of these files; the exit code.

    Raises NotReachable when it does not answer, Problem when not every package was asked about.
    """
    found = 0
    for file in files:
        packages = _ask(file, source)
        skipped = [package["name"] for package in packages if "skip_reason" in package]
        if skipped:
            raise Problem(f"{file}: not audited: {', '.join(skipped)}.", _INCOMPLETE)
        for package in packages:
            for advisory in package["vulns"]:
                found += 1
                say(_line(file, package, advisory))
        say(f"{file}: {len(packages)} packages were asked about.")
    if found:
        say(f"Known vulnerabilities: {found}.")
        return VULNERABLE
    say(f"No known vulnerability, says {source}.")
    return 0


def _ask(file: Path, source: str) -> list[dict[str, Any]]:
    """Return the packages of a file with their advisories, as pip-audit gives them."""
    done = run(
        ENVIRONMENT / "pip-audit",
        *("--requirement", file, "--require-hashes", "--disable-pip"),
        *("--vulnerability-service", "osv", "--osv-url", source),
        *("--format", "json", "--progress-spinner", "off"),
    )
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if any(word in done.stderr for word in _NO_ANSWER):
            raise NotReachable(
                f"not reachable: {source} did not answer, so nothing is known about the packages "
                f"of {file}. Run it where advisories can be read, or set KPI_ADVISORIES_URL."
            ) from None
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise Problem(f"{file} could not be audited: {last}", _INCOMPLETE) from None
    return packages


def _line(file: Path, package: dict[str, Any], advisory: dict[str, Any]) -> str:
    fixed = ", ".join(advisory["fix_versions"]) or "no version"
    names = ", ".join([advisory["id"], *advisory["aliases"]])
    return f"{file}: {package['name']} {package['version']}: {names}; fixed in {fixed}."
