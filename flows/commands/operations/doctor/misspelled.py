"""Variables that look like a setting, and are none."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pydantic_settings import BaseSettings, DotEnvSettingsSource

from flows.errors import KpiError
from flows.settings import Settings, load_settings

# The platform's own services have variables KPI_… as well: none is as much like a setting.
_ALIKE = 0.85


def misspelled() -> Iterator[str]:
    """Refuse variables of a name that is nearly a setting's: they count for nothing."""
    load_settings()
    known = [f"KPI_{name.upper()}" for name in Settings.model_fields]
    file = DotEnvSettingsSource(BaseSettings, env_file=Path(".env"), case_sensitive=True)
    wrong = []
    for name in sorted({*os.environ, *file.env_vars}):
        # A wrong name below a group is refused by the settings themselves.
        group = name.upper().partition("__")[0]
        if not group.startswith("KPI_") or group in known:
            continue
        if meant := get_close_matches(group, known, 1, _ALIKE):
            wrong.append(f"{name}, but {meant[0]} is")
    if wrong:
        raise KpiError(
            f"No setting is called {'; '.join(wrong)}. Correct it, or unset it: as it stands it "
            "counts for nothing."
        )
    yield "variables KPI_…: none is misspelled"
