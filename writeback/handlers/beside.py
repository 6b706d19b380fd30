"""Work done while a directory answers: most of a write is waiting for it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_THREADS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="beside")


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do some work in another thread while the block runs; it has ended when the block has.

    Args:
        work: changes nothing that the block looks at.

    Yields:
        a function that waits for the work and returns what it returned, or raises what it raised.
    """
    doing = _THREADS.submit(work)
    try:
        yield doing.result
    finally:
        wait([doing])
