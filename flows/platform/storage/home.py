"""The home folder, which holds what was delivered, the warehouse and its password."""

import os
from contextlib import suppress

from flows.settings import Settings

_DEFAULT = Settings.model_fields["home"].default.name
_NOBODY = 65534  # whom root lets run PostgreSQL, in a folder below it


def keep_home_private(settings: Settings) -> None:
    """Make the home folder if it is missing, for its owner alone.

    One that is there is closed only under the default name: any other may be somebody's shared
    folder. Nothing is raised: who needs the folder says why it cannot be written.
    """
    home = settings.home
    with suppress(OSError):
        home.parent.mkdir(parents=True, exist_ok=True)
        try:
            home.mkdir(mode=0o700)
        except FileExistsError:
            if home.name != _DEFAULT or home.stat().st_uid != os.geteuid():
                return
        if os.geteuid() == 0:
            os.chown(home, 0, _NOBODY)
            home.chmod(0o710)
        elif home.stat().st_mode & 0o077:
            home.chmod(0o700)
