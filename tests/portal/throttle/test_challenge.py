"""A challenge is good for one browser, for a quarter of an hour, and only with its number."""

from hypothesis import given
from hypothesis import strategies as st

from portal.throttle.challenge import EASIEST, HARDEST, LIFE, is_solved, make_challenge, read_challenge
from tests.portal.throttle.solving import solve

NOW, WAIT = 1_800_000_000.0, 30


def test_the_number_that_fits_is_the_only_one_that_counts() -> None:
    made = make_challenge("b", pressure=0, now=NOW)
    number = solve(made.nonce, made.target, made.most, made.rounds)
    assert is_solved(made, str(number))
    wrong = [
        str(number + 1),
        "",
        "-1",
        "x",
        "\N{FULLWIDTH DIGIT ONE}",
        f"{number}.0",
        "9" * 6,
        "9" * 5000,
        str(made.most),
    ]
    assert [each for each in wrong if is_solved(made, each)] == []


def test_pressure_makes_the_challenge_harder() -> None:
    assert make_challenge("b", pressure=0, now=NOW).most == EASIEST
    assert make_challenge("b", pressure=1, now=NOW).most == HARDEST


def test_a_challenge_belongs_to_one_browser_and_expires() -> None:
    made = make_challenge("b", pressure=0, now=NOW)
    assert read_challenge(made.token, "b", now=NOW) == made
    assert read_challenge(made.token, "c", now=NOW) is None
    assert read_challenge(made.token, "b", now=NOW + LIFE) is None
    assert read_challenge(made.token, "b", now=NOW - 3600) is None


def test_the_wait_starts_when_the_challenge_was_given() -> None:
    made = make_challenge("b", pressure=0, now=NOW)
    waits = [
        read_challenge(made.token, "b", now=NOW + after) for after in (0, 10, WAIT - 0.5, WAIT, WAIT + 60)
    ]
    assert [each.wait for each in waits if each] == [WAIT, WAIT - 10, 1, 0, 0]


@given(st.text(max_size=200))
def test_no_token_of_somebody_else_is_taken(token: str) -> None:
    assert read_challenge(token, "b", now=NOW) is None


def test_a_token_that_was_changed_is_not_taken() -> None:
    made = make_challenge("b", pressure=0, now=NOW)
    other = make_challenge("c", pressure=0, now=NOW)
    mixed = f"{made.token.split(':')[0]}:{other.token.partition(':')[2]}"
    assert read_challenge(mixed, "b", now=NOW) is None
