"""Measures how long the portal takes for each of its pages, and what a page weighs."""

import re
import time
from collections.abc import Iterator
from http import HTTPStatus

from django.urls import reverse

from deploy.dev.bench.people import Registrar, cookie_of
from deploy.dev.demo.walker import Walker
from deploy.dev.lab import LabError
from portal.gates.models import Attempt
from writeback.envelope.jobs import Operation

TIMES = 40
ANYBODYS = ("home", "reset", "unlock", "change", "sign-in")
# The icons for a phone's home screen are only fetched when somebody adds the page there.
LOADED = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg|ico))"')
OWN = ("ways", "add-email", "add-totp", "add-backup-codes")


def page_times(base: str, registrar: Registrar) -> dict[str, list[float]]:
    """Return the seconds for each page; the pages are opened one after the other, many times."""
    visits = list(_visits(base, registrar))
    times: dict[str, list[float]] = {name: [] for name, _, _ in visits}
    for _ in range(TIMES):
        for name, browser, path in visits:
            begun = time.perf_counter()
            answer = browser.fetch(path)
            times[name].append(time.perf_counter() - begun)
            if answer.status != HTTPStatus.OK:
                raise LabError(f"the page {path} answers {answer.status} {answer.location}".rstrip())
    for _, browser, _ in visits:
        browser.close()
    return times


def weight(base: str, path: str) -> int:
    """Return the bytes over the wire for a page and everything that it loads."""
    browser = Walker(base, lasting=True)
    packed = {"Accept-Encoding": "gzip"}
    loaded = sorted(set(LOADED.findall(browser.fetch(path).text)))
    sizes = [browser.fetch(each, packed).size for each in [path, *loaded]]
    browser.close()
    return sum(sizes)


def _visits(base: str, registrar: Registrar) -> Iterator[tuple[str, Walker, str]]:
    """Yield each page's name, a browser that may see it, and its path."""
    stranger = Walker(base, lasting=True)
    for name in ANYBODYS:
        yield name, stranger, reverse(name)
    begun = registrar.begin(registrar.person())
    prover = Walker(base, lasting=True, cookie=cookie_of(begun, chosen=begun.offers.all()[0].handle))
    for name in ("prove", "code"):
        yield name, prover, reverse(name, args=[begun.public_id])
    for name, operation in (("password", Operation.RESET), ("unlock-now", Operation.UNLOCK)):
        proven = registrar.begin_proven(registrar.person(), operation)
        browser = Walker(base, lasting=True, cookie=proven.cookie)
        yield name, browser, reverse(name, args=[proven.attempt.public_id])
    done = registrar.begin_proven(registrar.person())
    winner = Walker(base, lasting=True, cookie=done.cookie)
    page = winner.fetch(reverse("password", args=[done.attempt.public_id]))
    winner.fill(page, new="Bench-harbour-5521", confirm="Bench-harbour-5521")
    yield "result", winner, reverse("result", args=[done.attempt.public_id])
    for name in OWN:  # one person each: a signed-in person may load only so many pages a minute
        yield name, _signed_in(base, registrar), reverse(name)


def _signed_in(base: str, registrar: Registrar) -> Walker:
    """Return the browser of somebody who has signed in to set up ways and has proven one."""
    person, browser = registrar.person(), Walker(base, lasting=True)
    browser.fill(browser.fetch(reverse("sign-in")), name=person.name, password=person.password)
    registrar.prove(person, Attempt.objects.filter(operation=Operation.REGISTER).latest("started"))
    return browser
