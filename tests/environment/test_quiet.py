"""Warnings are ignored where they say nothing, and nowhere else."""

import threading
import warnings

from flows.quiet import without_warnings


def test_one_kind_is_ignored_inside() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with without_warnings(FutureWarning):
            warnings.warn("that stages go", FutureWarning, stacklevel=1)
            warnings.warn("another kind", UserWarning, stacklevel=1)
        warnings.warn("outside", FutureWarning, stacklevel=1)

    assert [str(warning.message) for warning in told] == ["another kind", "outside"]


def test_of_two_threads_that_overlap_none_leaves_it_so() -> None:
    before = list(warnings.filters)
    first_is_in, first_may_leave = threading.Event(), threading.Event()

    def first() -> None:
        with without_warnings():
            first_is_in.set()
            first_may_leave.wait()

    def second() -> None:
        first_is_in.wait()
        with without_warnings():
            threads[0].join()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    first_is_in.wait()
    # The second one is inside, or waits for the first: then it comes later, which is as good.
    threads[1].join(0.2)
    first_may_leave.set()
    for thread in threads:
        thread.join()

    assert list(warnings.filters) == before
