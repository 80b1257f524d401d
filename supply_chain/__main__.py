"""`python3 -m supply_chain sbom|audit|lock-images`: needs nothing installed here but its tools."""

import argparse
import os
import sys
from pathlib import Path

from supply_chain import audit, images, sbom
from supply_chain.tools import Problem


def main() -> int:
    """Do what was asked; the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m supply_chain")
    commands = parser.add_subparsers(dest="command", required=True)
    written = commands.add_parser("sbom", help=sbom.__doc__)
    written.add_argument("--folder", type=Path, default=Path("dist/sbom"))
    written.add_argument("--part", choices=sbom.PARTS, action="append")
    audited = commands.add_parser("audit", help=audit.__doc__)
    audited.add_argument("--source", default=os.environ.get("KPI_ADVISORIES_URL") or audit.OSV)
    audited.add_argument("files", type=Path, nargs="*")
    commands.add_parser("lock-images", help=images.__doc__)
    options = parser.parse_args()
    try:
        if options.command == "sbom":
            sbom.write(options.folder, options.part or list(sbom.PARTS))
        elif options.command == "audit":
            return audit.audit(options.files or audit.every_lock(), options.source)
        else:
            images.lock(Path("compose"))
    except Problem as problem:
        sys.stderr.write(f"kpi: {problem}\n")
        return problem.exit_code
    return 0


sys.exit(main())
