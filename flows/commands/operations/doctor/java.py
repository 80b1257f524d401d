"""Java, which Spark needs."""

import re
import subprocess
from collections.abc import Iterator

from flows.environment import JAVA_OPTIONS, set_variables
from flows.errors import KpiError
from flows.platform.compute.spark import java_home
from flows.settings import load_settings

_JAVA_VERSIONS = ("11", "17")


def java() -> Iterator[str]:
    """Check Java's version."""
    home = java_home(load_settings())
    ended = subprocess.run(
        [home / "bin" / "java", "-version"], capture_output=True, text=True, check=False
    )
    told = ended.stderr
    if ended.returncode and (options := set_variables(JAVA_OPTIONS)):
        said = (told or ended.stdout).strip().splitlines() or [f"exit code {ended.returncode}"]
        raise KpiError(
            f"Java in {home} does not start ({said[-1]}). Correct or unset {', '.join(options)}."
        )
    found = re.search(r'version "(\d+)', told)
    if found is None or found[1] not in _JAVA_VERSIONS:
        raise KpiError(
            f"Java in {home} is {found[1] if found else 'not there'}; Spark needs "
            f"{' or '.join(_JAVA_VERSIONS)}. Unset KPI_JAVA_HOME to use the one installed here."
        )
    yield f"Java {found[1]}: {home}"
