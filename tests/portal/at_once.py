"""Many requests at the same moment."""

from collections.abc import Callable
from threading import Thread

from django.db import connection


def at_once(act: Callable[[], object], *, times: int) -> None:
    """Do something in so many threads at once, each with a database connection of its own."""

    def once() -> None:
        act()
        connection.close()

    threads = [Thread(target=once) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
