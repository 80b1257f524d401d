"""Run programs that refuse to run as root, such as PostgreSQL, whoever runs kpi.

An ordinary user runs them directly. Root drops its privileges in one of two ways:

- as user 65534 ("nobody"), who then owns the program's files;
- in a user namespace that maps root to 65534, when user 65534 cannot enter a folder on the
  path (a checkout below /root, for example). Outside the namespace the process still belongs to
  root, so root owns the files, but it has none of root's privileges.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.errors import KpiError

_NOBODY = 65534
_TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class Account:
    """Who runs the programs and owns their files; `user` None means the current user."""

    owner: int
    group: int
    user: int | None = None
    prefix: tuple[str, ...] = ()

    def run(
        self, command: Sequence[str | Path], seconds: int = _TIMEOUT_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, capturing its output; its exit code is not checked.

        Raises KpiError when it does not end within `seconds`.
        """
        try:
            return subprocess.run(
                [*self.prefix, *command],
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
                # Keep our secrets out of the server's environment and messages in English; on
                # macOS, PostgreSQL only starts with a locale set.
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                # The account may be unable to enter our working directory.
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise KpiError(
                f"{Path(command[0]).name} did not end within {seconds} seconds: this machine is "
                "very busy. Run again, or set KPI_PATIENCE_SECONDS to more."
            ) from error

    def own(self, path: Path) -> None:
        """Make the account the owner of a file or a whole folder."""
        if path.stat().st_uid == self.owner:
            return
        # The folder itself comes last: its owner shows that everything below is done.
        for folder, _, names in os.walk(path, topdown=False):
            for name in names:
                os.chown(Path(folder, name), self.owner, self.group, follow_symlinks=False)
            os.chown(folder, self.owner, self.group)
        os.chown(path, self.owner, self.group)


def unprivileged_account(program: Path, folder: Path) -> Account:
    """Return a non-root account that can run `program` and enter `folder`.

    Raises KpiError when root finds none.
    """
    if os.geteuid() != 0:
        return Account(owner=os.geteuid(), group=os.getegid())
    nobody = Account(owner=_NOBODY, group=_NOBODY, user=_NOBODY)
    if _can_use(nobody, program, folder):
        return nobody
    unshare = shutil.which("unshare")  # Linux only
    if unshare:
        prefix = (unshare, "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
        renamed = Account(owner=os.geteuid(), group=os.getegid(), prefix=prefix)
        if _can_use(renamed, program, folder):
            return renamed
    raise KpiError(
        f"{program.name} does not run as root, and no other user can run {program} and enter "
        f"{folder}. Run kpi as an ordinary user, or let others enter both (chmod o+x on each "
        "folder above them)."
    )


def _can_use(account: Account, program: Path, folder: Path) -> bool:
    try:
        # Actually try it: file modes say little about mounts, containers and ACLs.
        entered = account.run(["/bin/sh", "-c", 'cd "$1" && "$2" --version', "sh", folder, program])
    except OSError:
        return False
    return entered.returncode == 0
