"""What `make timing` measures: one visit as each kind of people, all of whom get the same answers."""

from deploy.dev.bench.stage import Stage
from deploy.dev.demo.product import Product
from deploy.dev.lab import Lab
from deploy.dev.timing.collecting import collect, plan
from deploy.dev.timing.kinds import Kind
from deploy.dev.timing.verdict import faults

STEPS = [
    "name typed",
    "ways page",
    "way chosen",
    "code page",
    "wrong code",
    "wrong code told",
    "wrong password, sign-in",
    "wrong password, change",
]


def test_all_kinds_of_people_get_the_same_answers_at_each_step(product: Product, lab: Lab) -> None:
    try:
        steps = collect(Stage(lab, product, 0.0), visits=1, clients=2, warm=0)
    finally:
        lab.set_policy(lockout_threshold=5)
    assert [step.name for step in steps] == STEPS
    assert all(set(step.samples) == set(Kind) for step in steps)
    assert all(0 < sample.seconds < 20 for step in steps for kind in Kind for sample in step.samples[kind])
    # One sample proves no difference in time, so only other answers could be found.
    assert faults(steps) == []


def test_each_block_has_each_kind_once_in_random_order() -> None:
    visits = plan({kind: [f"{kind} 1", f"{kind} 2"] for kind in Kind}, 40)
    blocks = [visits[start : start + len(Kind)] for start in range(0, len(visits), len(Kind))]
    assert all({kind for kind, _, _ in block} == set(Kind) for block in blocks)
    assert len({block[0][0] for block in blocks}) > 1
    assert [name for kind, name, _ in visits if kind is Kind.LOCKED][:3] == [
        "locked 1",
        "locked 2",
        "locked 1",
    ]
