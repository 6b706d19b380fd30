"""Measures how long the portal takes for each of its pages."""

import time
from collections.abc import Iterator
from http import HTTPStatus

from django.urls import reverse

from deploy.dev.bench.browser import Browser, token_of
from deploy.dev.bench.people import Registrar, cookie_of
from deploy.dev.lab import LabError
from portal.gates.models import Attempt
from writeback.envelope.jobs import Operation

TIMES = 40
ANYBODYS = ("home", "reset", "unlock", "change", "sign-in")
OWN = ("ways", "add-email", "add-totp", "add-backup-codes")


def page_times(port: int, registrar: Registrar) -> dict[str, list[float]]:
    """Return the seconds for each page; the pages are opened one after the other, many times."""
    visits = list(_visits(port, registrar))
    times: dict[str, list[float]] = {name: [] for name, _, _ in visits}
    for _ in range(TIMES):
        for name, browser, path in visits:
            begun = time.perf_counter()
            answer = browser.get(path)
            times[name].append(time.perf_counter() - begun)
            if answer.status != HTTPStatus.OK:
                raise LabError(f"the page {path} answers {answer.status} {answer.location}".rstrip())
    for _, browser, _ in visits:
        browser.close()
    return times


def _visits(port: int, registrar: Registrar) -> Iterator[tuple[str, Browser, str]]:
    """Yield each page's name, a browser that may see it, and its path."""
    stranger = Browser(port)
    for name in ANYBODYS:
        yield name, stranger, reverse(name)
    begun = registrar.begin(registrar.person())
    prover = Browser(port, cookie=cookie_of(begun, chosen=begun.offers.all()[0].handle))
    for name in ("prove", "code"):
        yield name, prover, reverse(name, args=[begun.public_id])
    for name, operation in (("password", Operation.RESET), ("unlock-now", Operation.UNLOCK)):
        proven = registrar.begin_proven(registrar.person(), operation)
        yield name, Browser(port, cookie=proven.cookie), reverse(name, args=[proven.attempt.public_id])
    done = registrar.begin_proven(registrar.person())
    winner, path = Browser(port, cookie=done.cookie), reverse("password", args=[done.attempt.public_id])
    token = token_of(winner.get(path))
    winner.post(path, csrfmiddlewaretoken=token, new="Bench-harbour-5521", confirm="Bench-harbour-5521")
    yield "result", winner, reverse("result", args=[done.attempt.public_id])
    for name in OWN:  # one person each: a signed-in person may load only so many pages a minute
        yield name, _signed_in(port, registrar), reverse(name)


def _signed_in(port: int, registrar: Registrar) -> Browser:
    """Return the browser of somebody who has signed in to set up ways and has proven one."""
    person, browser, path = registrar.person(), Browser(port), reverse("sign-in")
    token = token_of(browser.get(path))
    browser.post(path, csrfmiddlewaretoken=token, name=person.name, password=person.password)
    registrar.prove(person, Attempt.objects.filter(operation=Operation.REGISTER).latest("started"))
    return browser
