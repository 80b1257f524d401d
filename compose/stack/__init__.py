"""What `make up` and its like do on the host: needs Docker and Python alone."""

import sys

OLDEST_PYTHON = 0x030B0000

# Here, where nothing that an older Python cannot read has been imported yet.
if sys.hexversion < OLDEST_PYTHON:
    sys.exit("kpi: this Python is too old: install Python 3.11 or newer, or name one: PYTHON=")
