"""A process that ends quickly ends as any other, only without freeing what it holds."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_PROGRAM = """
import atexit, sys, threading, time
from contextlib import nullcontext
from flows.quick_exit import quick_exit


class Held:
    def __del__(self):
        print("freed", file=sys.stderr, flush=True)


def work():
    time.sleep(0.1)
    print("thread")


held = Held()
with {context}():
    atexit.register(print, "registered")
    threading.Thread(target=work).start()
    print("done")
    {ending}
"""
_FREED = "freed\n"


class _Ended:
    def __init__(self, context: str, ending: str, stdout: int = subprocess.PIPE) -> None:
        program = _PROGRAM.format(context=context, ending=ending)
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def unwritable() -> Iterator[int]:
    """Where nothing can be written, as on a full disk."""
    with Path("/dev/full").open("w") as full:
        yield full.fileno()


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("pass", 0),
        ("sys.exit()", 0),
        ("sys.exit(75)", 75),
        ("sys.exit(256 + 3)", 3),
        ("sys.exit(-1)", 255),
        ("sys.exit('in one sentence')", 1),
    ],
)
def test_what_waits_for_the_end_has_its_turn_and_nothing_is_freed(ending: str, code: int) -> None:
    usual, quick = _Ended("nullcontext", ending), _Ended("quick_exit", ending)

    assert (quick.code, quick.out) == (code, "done\nthread\nregistered\n")
    assert (usual.code, usual.out) == (quick.code, quick.out)
    assert usual.err == quick.err + _FREED


@pytest.mark.parametrize("ending", ["1 / 0", "raise KeyboardInterrupt"])
def test_an_exception_is_left_to_python(ending: str) -> None:
    usual, quick = _Ended("nullcontext", ending), _Ended("quick_exit", ending)

    assert (quick.code, quick.out, quick.err) == (usual.code, usual.out, usual.err)
    assert quick.err.endswith(_FREED)


def test_output_that_cannot_be_written_is_left_to_python(unwritable: int) -> None:
    usual = _Ended("nullcontext", "pass", unwritable)
    quick = _Ended("quick_exit", "pass", unwritable)

    assert (quick.code, quick.err) == (usual.code, usual.err)
    assert "No space left on device" in quick.err
