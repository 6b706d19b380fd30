"""Takes the samples: many visits, for all kinds in turn."""

import random
from concurrent.futures import ThreadPoolExecutor

from deploy.dev.bench.people import registrar
from deploy.dev.bench.stage import Stage
from deploy.dev.timing.kinds import Kind
from deploy.dev.timing.people import Populace
from deploy.dev.timing.verdict import Sample, Step
from deploy.dev.timing.visits import WRONG_CODES, Visit

VISITS_OF_A_NAME = 12
"""One name may send five wrong codes of a kind in an hour, and fifteen of all three kinds in a day."""
WARM = 30
"""The first visits do not count: until then each process runs code for the first time."""


def collect(stage: Stage, *, visits: int, clients: int, warm: int = WARM) -> list[Step]:
    """Return all answers of so many visits for each kind of people.

    The kinds come in blocks, each once in a block and in random order, so that a slow phase of the machine
    hits all alike.

    Args:
        stage: a stage that has just been set up.
        visits: how many visits for each kind.
        clients: how many strangers at the same time.
        warm: how many visits before those.
    """
    with registrar(stage.lab, stage.product) as people:
        populace, needed = Populace(stage.lab, people), -(-visits // VISITS_OF_A_NAME)
        names = {kind: [populace.name_of(kind) for _ in range(needed)] for kind in Kind}
        first = [populace.name_of(Kind.UNREGISTERED) for _ in range(warm)]
    # The protection against lockouts is off, so that AD is asked about each password.
    stage.lab.set_policy(lockout_threshold=0)
    steps: dict[str, Step] = {}
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda name: _walk(stage, name, turn=0), first))
        for kind, samples in pool.map(
            lambda visit: (visit[0], _walk(stage, *visit[1:])), plan(names, visits)
        ):
            for name, sample in samples:
                steps.setdefault(name, Step(name)).add(kind, sample)
    return list(steps.values())


def plan(names: dict[Kind, list[str]], visits: int) -> list[tuple[Kind, str, int]]:
    """Return all visits in order: the kind, the name, and how many turns it had before."""
    return [
        (kind, names[kind][number % len(names[kind])], number // len(names[kind]))
        for number in range(visits)
        for kind in random.sample(list(Kind), len(Kind))
    ]


def _walk(stage: Stage, name: str, turn: int) -> list[tuple[str, Sample]]:
    ways = list(WRONG_CODES)
    return Visit(stage.product.base, name, ways[turn % len(ways)]).walk()
