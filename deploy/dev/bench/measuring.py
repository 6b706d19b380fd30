"""All measurements, in the order in which they are taken."""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from statistics import median
from threading import Barrier
from typing import TypeVar

import cbor2
from django.db import connections

from deploy.dev.bench.bare import BareClient
from deploy.dev.bench.goals import Measured, Turn
from deploy.dev.bench.pages import page_times, weight
from deploy.dev.bench.people import SITE, registrar
from deploy.dev.bench.resident import largest_resident
from deploy.dev.bench.sides import Reset, Sides, fresh_password
from deploy.dev.bench.stage import Stage
from deploy.dev.lab import LabError, Person
from deploy.dev.processes import wait_until
from portal.dispatch.keys import read_portal_key
from portal.dispatch.queries import workers_for
from writeback.envelope.codec import decode
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.jobs import Begin, JobStatus, Operation, ResetPassword
from writeback.envelope.sealing import seal_job
from writeback.envelope.secret import Secret

WARM, ROUNDS = 40, 110
"""The first resets are not timed: until then each process runs code for the first time, and opens files."""
REST = 0.05
"""Seconds before each single reset, so that no side pays for work of the one before, such as a mail."""
REST_OF_A_CROWD = 1.0
"""The same before each turn of a crowd, after the last mail of the turn before."""
CLIENTS, TURNS, EACH = 32, 9, 8
"""A turn is long, since the directory is idle while the first jobs come in and the last answers go out. There
are several: one turn gives 0.87 to 0.99 of a bare client, and their median moves by two hundredths."""
BY_PAGES = 3
"""The pages get one turn in so many; there is no goal for them."""
JUNK = (b"\x81" * 1000 + b"\x00", b"\x5b" + b"\x7f" * 8, cbor2.dumps(list(range(400))), b"\xff" * 1000)
"""Depth, a length with nothing behind it, many values, and bytes that are not CBOR."""
REFUSED = 20
"""How often each of them is refused."""
T = TypeVar("T")


def measure(stage: Stage) -> Measured:
    """Measure everything on a stage that has just been set up."""
    base = stage.product.base
    with registrar(stage.lab, stage.product) as people:
        sides = Sides(base, people, BareClient(stage.lab))
        # A write ends its person's other open attempts, so those prepared together are for different people.
        crowd = [[people.person() for _ in range(EACH)] for _ in range(CLIENTS)]
        bare, road, web = singles(sides, crowd[0])
        turns, errors = crowds(stage, sides, crowd)
        return Measured(
            bare=bare,
            road=road,
            web=web,
            turns=turns,
            errors=errors,
            sealed=sealed_sizes(),
            pages=page_times(base, people),
            first_page=weight(base, "/"),
            worker=largest_resident(stage.product.worker.process),
            portal=largest_resident(stage.product.portal.process),
            junk=refusal_times(),
            lab_start=stage.lab_start,
        )


def singles(sides: Sides, people: Sequence[Person]) -> tuple[list[float], list[float], list[float]]:
    """Time one reset after the other, the three ways in turn, each going first equally often."""
    ways = (sides.by_ldap, sides.by_road, sides.by_web)
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(WARM + ROUNDS):
        for place in range(len(ways)):
            which = (number + place) % len(ways)
            reset = ways[which](people[number % len(people)])
            time.sleep(REST)
            taken = seconds_of(reset.run)
            reset.check()
            if number >= WARM:
                times[which].append(taken)
    return times


def crowds(stage: Stage, sides: Sides, people: Sequence[Sequence[Person]]) -> tuple[list[Turn], int]:
    """Let everybody reset at once, one way after the other, turn by turn.

    Returns:
        the throughput of each turn, and how many resets failed.

    Raises:
        LabError: the notices of a turn were not sent in time.
    """
    clients = [Sides(sides.base, sides.registrar, BareClient(stage.lab)) for _ in people]
    turns: list[Turn] = []
    errors = 0

    def reach(prepare: Callable[[Sides, Person], Reset]) -> tuple[float, float]:
        nonlocal errors
        resets = list(pool.map(partial(_prepare, prepare), clients, people))
        time.sleep(REST_OF_A_CROWD)
        rate, failed = throughput(pool, resets)
        errors += failed
        return rate, seconds_of(partial(_wait_for_notices, sides))

    # The same threads throughout: their connections stay open, as in a web server.
    with ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(1 + TURNS):
            bare, _ = reach(Sides.by_ldap)
            road, notices = reach(Sides.by_road)
            web = reach(Sides.by_web)[0] if number % BY_PAGES == 0 else None
            if number:  # in the first turn every thread opens its connections
                turns.append(Turn(bare=bare, road=road, notices=notices, web=web))
        everybody(pool, [connections.close_all] * CLIENTS)
    for client in clients:
        client.bare.close()
    return turns, errors


def _prepare(prepare: Callable[[Sides, Person], Reset], side: Sides, people: Sequence[Person]) -> list[Reset]:
    """Prepare the resets of one client, in one thread of the pool."""
    return [prepare(side, person) for person in people]


def _wait_for_notices(sides: Sides) -> None:
    """Wait for the mails, so that no side pays for those of the one before it."""
    if not wait_until(lambda: not sides.registrar.notes_waiting(), seconds=60):
        raise LabError("the mails of a turn are not out after a minute")


def throughput(pool: Executor, clients: Sequence[Sequence[Reset]]) -> tuple[float, int]:
    """Run the resets of each client, all clients at once.

    Returns:
        successful resets a second, and the number of failed ones.
    """
    taken, done = everybody(pool, [partial(_do, resets) for resets in clients])
    failed = [reset for each in done for reset in each]
    failed += [reset for resets in clients for reset in resets if reset not in failed and not _is_well(reset)]
    return (sum(map(len, clients)) - len(failed)) / taken, len(failed)


def everybody(pool: Executor, acts: Sequence[Callable[[], T]]) -> tuple[float, list[T]]:
    """Call everything at once, each in its own thread.

    Args:
        pool: a pool with at least as many threads.
        acts: the calls.

    Returns:
        the seconds until all calls had returned, and their results.
    """
    start = Barrier(len(acts) + 1, timeout=60)

    def in_step(act: Callable[[], T]) -> T:
        start.wait()
        return act()

    doing = [pool.submit(in_step, act) for act in acts]
    start.wait()
    begun = time.perf_counter()
    done = [each.result() for each in doing]
    return time.perf_counter() - begun, done


def seconds_of(act: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def sealed_sizes() -> list[int]:
    """Return the sizes in bytes of small and large sealed jobs."""
    to, signer = workers_for(SITE)[0].to, read_portal_key()
    begin = Begin(site=SITE, locale="en", operation=Operation.RESET, name="alice")
    reset = ResetPassword(site=SITE, locale="en", attempt=bytes(16))
    jobs = [(begin, ()), (reset, (Secret(fresh_password()),)), (reset, (Secret("x" * 128),))]
    return [
        len(seal_job(job, passwords=given, to=to, signer=signer, now=time.time()).blob) for job, given in jobs
    ]


def refusal_times() -> list[float]:
    """Return the seconds to refuse bad packages that a hostile portal could sign and seal."""
    return [median(seconds_of(partial(_refuse, junk)) for _ in range(REFUSED)) for junk in JUNK]


def _refuse(junk: bytes) -> None:
    with suppress(EnvelopeError):
        decode(JobStatus, junk)
        raise LabError("a malformed package was accepted")


def _do(resets: Sequence[Reset]) -> list[Reset]:
    """Return the resets that raised an error."""
    broken = []
    for reset in resets:
        try:
            reset.run()
        except (LabError, OSError) as trouble:
            print(trouble, file=sys.stderr)
            broken.append(reset)
    return broken


def _is_well(reset: Reset) -> bool:
    try:
        reset.check()
    except LabError as trouble:
        print(trouble, file=sys.stderr)
        return False
    return True
