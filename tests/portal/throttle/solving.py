"""What a browser's script does with a challenge, for tests that come without one."""

import hashlib
import re

from tests.portal.walk import Browser


def solve(nonce: str, target: str, most: int, rounds: int) -> int:
    """Return the number of a challenge."""
    salt, wanted = bytes.fromhex(nonce), bytes.fromhex(target)
    for number in range(most):
        if hashlib.pbkdf2_hmac("sha256", str(number).encode(), salt, rounds, 16) == wanted:
            return number
    raise LookupError("no number fits")


def answer_to(page: str) -> str:
    """Return the answer to the challenge of a page, empty where it sets none."""
    told = dict(re.findall(r'data-(nonce|target|most|rounds)="([^"]*)"', page))
    return str(solve(told["nonce"], told["target"], int(told["most"]), int(told["rounds"]))) if told else ""


def is_challenged(browser: Browser) -> bool:
    """Tell whether the open page sets a challenge."""
    return "data-challenge" in browser.text


def solution(browser: Browser) -> dict[str, str]:
    """Return the fields of the open page's challenge, solved; nothing where it sets none."""
    if not is_challenged(browser):
        return {}
    return {"challenge": browser.hidden("challenge"), "solution": answer_to(browser.text)}
