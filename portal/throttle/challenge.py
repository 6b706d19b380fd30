"""A stateless challenge that costs a browser a moment of work.

The browser looks for the number below `most` whose PBKDF2-HMAC-SHA-256 is `target`: a function of WebCrypto,
which is as fast in a browser as in a program. The signed token holds all that is needed to check the answer.
"""

import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

EASIEST, HARDEST = 600, 3000
LIFE = 15 * 60
_SALT = "portal.throttle.challenge"


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """A challenge for a page to show.

    Args:
        token: comes back with the form.
        nonce: 16 bytes in hex, the salt.
        target: the hash that the number must give, in hex.
        most: upper bound of the number.
        rounds: rounds of PBKDF2 for each number.
        wait: seconds to wait instead, if no script runs.
    """

    token: str
    nonce: str
    target: str
    most: int
    rounds: int
    wait: int


def make_challenge(browser: str, *, pressure: float, now: float) -> Challenge:
    """Return a new challenge for one browser.

    Args:
        browser: its id.
        pressure: from 0 to 1.
        now: Unix time.
    """
    most = round(EASIEST + (HARDEST - EASIEST) * pressure)
    nonce = secrets.token_hex(16)
    rounds: int = settings.KEYBACK_CHALLENGE_ROUNDS
    target = _derive(nonce, secrets.randbelow(most), rounds)
    body = {"n": nonce, "t": target, "m": most, "r": rounds, "b": browser, "i": now}
    token = signing.dumps(body, salt=_SALT)
    wait: int = settings.KEYBACK_CHALLENGE_WAIT
    return Challenge(token=token, nonce=nonce, target=target, most=most, rounds=rounds, wait=wait)


def read_challenge(token: str, browser: str, *, now: float) -> Challenge | None:
    """Return the challenge of a token; None if the token is forged, another browser's, or too old."""
    try:
        body = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    age = now - body["i"]
    if not (hmac.compare_digest(body["b"], browser) and -60 <= age < LIFE):
        return None
    whole: int = settings.KEYBACK_CHALLENGE_WAIT
    left = max(0, min(whole, math.ceil(whole - age)))
    return Challenge(
        token=token, nonce=body["n"], target=body["t"], most=body["m"], rounds=body["r"], wait=left
    )


def is_solved(challenge: Challenge, solution: str) -> bool:
    """Tell whether the solution is the number that the browser had to find."""
    if not (solution.isascii() and solution.isdigit() and len(solution) <= 6):
        return False
    if int(solution) >= challenge.most:
        return False
    return hmac.compare_digest(_derive(challenge.nonce, int(solution), challenge.rounds), challenge.target)


def _derive(nonce: str, number: int, rounds: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", str(number).encode(), bytes.fromhex(nonce), rounds, 16).hex()
