"""The commands behind the Makefile's targets: `python -m hosted COMMAND`."""

import sys

from hosted import playbooks, terraform
from hosted.program import Interrupted
from hosted.refusal import Refusal

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run one command; further arguments are handed on to Terraform or Ansible."""
    try:
        match arguments:
            case [command, *others] if command in terraform.COMMANDS:
                terraform.manage(command, others)
            case [command, *others] if command in playbooks.COMMANDS:
                playbooks.play(command, others)
            case _:
                names = ", ".join((*terraform.COMMANDS, *playbooks.COMMANDS))
                raise Refusal(f"Name one of {names}, then what its program is to be told.")
    except Refusal as error:
        sys.stderr.write(f"kpi: {error}\n")
        return 1
    except (Interrupted, KeyboardInterrupt):
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
