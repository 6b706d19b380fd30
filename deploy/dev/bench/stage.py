"""The measured product, with the bench's own forest, Redis and mail server."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.dev.demo.configuration import NO_WAITING
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.product import Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.demo.supervisor import Child
from deploy.dev.lab import Lab
from deploy.dev.processes import answers

# Limits that nobody reaches: thousands of resets by a few people, all from one address, within minutes. Per
# second, so that there is as little to count as with a site's own limits; two for a person, as there.
LIMITS = """
[limits]
new_factor_cooldown = "0s"
per_user = ["1000/1s", "2000/1s"]
global = "1000/1s"
jobs = "60000/m"
failed_signins = "1000/10m"
sends = { per_destination = "1000/1h", per_person = "1000/24h", per_site = "100000/1h" }
"""


@dataclass(frozen=True)
class Stage:
    """The running parts.

    Args:
        lab_start: seconds that the forest took to start from existing databases.
    """

    lab: Lab
    product: Product
    lab_start: float


@contextmanager
def stage(
    home: Path, *, network: str, limits: str = LIMITS, environment: dict[str, str] = NO_WAITING
) -> Iterator[Stage]:
    """Start everything below `home`, and stop it again.

    Args:
        home: the bench's own folder, which is emptied.
        network: the first three numbers of the loopback addresses.
        limits: the end of the worker's TOML.
        environment: further environment for the portal.
    """
    lab = Lab(home / "lab", f"{network}.10")
    with ExitStack() as undo:
        undo.callback(lab.stop)
        lab_start = _warm_start(lab)
        shutil.rmtree(home / "product", ignore_errors=True)
        redis = RedisServer(home / "redis", authority=lab.authority, address=f"{network}.20")
        undo.callback(redis.stop)
        redis.start()
        mailbox = Mailbox(address=f"{network}.30")
        sink = _sink(mailbox, log=home / "mail.log")
        undo.callback(sink.stop)
        sink.start()
        product = Product(
            home / "product", lab=lab, redis=redis, mailbox=mailbox, limits=limits, environment=environment
        )
        undo.callback(product.stop)
        product.start()
        yield Stage(lab, product, lab_start)


def _warm_start(lab: Lab) -> float:
    """Start the forest twice, as the first start may have to make it; return the seconds of the second."""
    lab.start()
    lab.stop()
    begun = time.perf_counter()
    lab.start()
    return time.perf_counter() - begun


def _sink(mailbox: Mailbox, *, log: Path) -> Child:
    """Return a mail server that throws mails away; it belongs to no client, so it runs on its own."""
    listen = ("--nosetuid", "--listen", f"{mailbox.address}:{mailbox.port}")
    return Child(
        "the mail server",
        [sys.executable, "-m", "aiosmtpd", *listen, "--class", "aiosmtpd.handlers.Sink"],
        log=log,
        ready=lambda: answers(mailbox.address, mailbox.port),
    )
