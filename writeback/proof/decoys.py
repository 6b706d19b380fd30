"""Made-up people: who they are follows from the name that was typed, so that they stay the same for ever."""

import unicodedata
from collections.abc import Sequence
from itertools import combinations
from typing import TypeVar

from writeback.ceiling import enough
from writeback.envelope.jobs import Method, Operation
from writeback.proof.desk import Desk
from writeback.proof.factor import Factor
from writeback.proof.kinds import KINDS
from writeback.proof.mailbox import MASK, mask

T = TypeVar("T")

_PROVIDERS = ("gmail.com", "outlook.com", "icloud.com", "yahoo.com", "proton.me")
_LETTERS = "abcdefghijklmnoprstw"


def shadow_of(desk: Desk, directory: str, name: str) -> bytes:
    r"""Return the 16 bytes that stand for a name, however it is written (CORP\zed, zed@corp, Zed)."""
    bare = bare_name(name, desk.domains.get(directory, ()))
    return desk.keys.digest("shadow", directory.encode(), bare.encode())[:16]


def bare_name(name: str, domains: Sequence[str]) -> str:
    """Return what different spellings of one name have in common.

    Only the directory's own domains are left out. Under any other one the directory finds nobody, so a real
    person looks like two people there, and a stranger must do so too.

    Args:
        name: as typed.
        domains: DNS names of the directory; their first labels are taken for its short names.
    """
    folded = unicodedata.normalize("NFKC", name.encode("utf-8", "replace").decode()).casefold().strip()[:256]
    own = {domain.casefold() for domain in domains}
    before, _, after = folded.rpartition("\\")
    if before in own | {domain.partition(".")[0] for domain in own}:
        return after.strip()
    local, _, suffix = folded.rpartition("@")
    return local.strip() if suffix in own else folded


def factors_of(desk: Desk, directory: str, shadow: bytes) -> tuple[Factor, ...]:
    """Return the factors of a decoy, with secrets that cost as much to check as real ones."""
    return tuple(_factor(desk, directory, shadow, method) for method in _methods(desk, shadow))


def hint_before_proof(desk: Desk, factor: Factor) -> str:
    """Return a real factor's masked destination; a domain that no decoy could have would tell them apart."""
    domain = factor.destination.rpartition("@")[2]
    hint = mask(factor.destination)
    could_be_false = domain in _domains(desk, factor.directory)
    return hint if could_be_false or not hint else hint.removesuffix(domain) + MASK


def hint_of(desk: Desk, factor: Factor, name: str) -> str:
    """Return a masked destination that the bearer of such a name might have."""
    if not KINDS[factor.method].sends:
        return ""
    dice = desk.keys.digest("decoy-hint", factor.id)
    bare = bare_name(name, desk.domains.get(factor.directory, ()))
    own = bare[:1] if bare[:1].isascii() and bare[:1].isalnum() and dice[0] % 4 else ""
    domain = _pick(_domains(desk, factor.directory), dice[1])
    return f"{own or _pick(_LETTERS, dice[2])}{MASK}@{domain}"


def _domains(desk: Desk, directory: str) -> tuple[str, ...]:
    return (*desk.domains.get(directory, ()), *_PROVIDERS, MASK)


def _methods(desk: Desk, shadow: bytes) -> tuple[Method, ...]:
    """Choose methods that would do for a reset, so that both journeys show the same ones."""
    gate = desk.ceiling.gates.get(Operation.RESET)
    sets = [chosen for size in range(1, len(KINDS) + 1) for chosen in combinations(KINDS, size)]
    fitting = [chosen for chosen in sets if enough(chosen, gate)]
    return _pick(fitting, desk.keys.digest("decoy-methods", shadow)[0]) if fitting else tuple(KINDS)


def _factor(desk: Desk, directory: str, shadow: bytes, method: Method) -> Factor:
    seed = desk.keys.digest("decoy-factor", directory.encode(), shadow, method.encode())
    return Factor(
        id=seed[:16],
        directory=directory,
        guid=shadow,
        method=method,
        secret=KINDS[method].dummy(desk.keys.digest("decoy-secret", seed)),
        destination=f"{seed[:6].hex()}@decoy.invalid" if KINDS[method].sends else "",
    )


def _pick(choices: Sequence[T], byte: int) -> T:
    return choices[byte % len(choices)]
