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
from writeback.proof.mailbox import MASK

T = TypeVar("T")

_LETTERS = "abcdefghijklmnopqrstuvwxyz" + 2 * "abcdehjklmnprst"  # roughly as names begin
_OWN_DOMAIN = 3  # one hint of so many shows the directory's own domain
_OTHER_LETTER = 4  # one hidden one of so many begins with another letter than the name


def shadow_of(desk: Desk, directory: str, name: str) -> bytes:
    r"""Return the 16 bytes that stand for a name, however it is written (CORP\zed, zed@corp, Zed)."""
    bare = bare_name(name, desk.domains.get(directory, ()), desk.short_name(directory))
    return desk.keys.digest("shadow", directory.encode(), bare.encode())[:16]


def bare_name(name: str, domains: Sequence[str], short_name: str = "") -> str:
    """Return what different spellings of one name have in common.

    Only the directory's own domains are left out. Under any other one the directory finds nobody, so a real
    person looks like two people there, and a stranger must do so too.

    Args:
        name: as typed.
        domains: DNS names of the directory.
        short_name: its NetBIOS name, which need not be the first label of any of them; empty if unknown.
    """
    folded = unicodedata.normalize("NFKC", name.encode("utf-8", "replace").decode()).casefold().strip()[:256]
    own = {domain.casefold() for domain in domains}
    before, _, after = folded.rpartition("\\")
    if before and before in own | {short_name.casefold()}:
        return after.strip()
    local, _, suffix = folded.rpartition("@")
    return local.strip() if suffix in own else folded


def factors_of(desk: Desk, directory: str, shadow: bytes) -> tuple[Factor, ...]:
    """Return the factors of a decoy, with secrets that cost as much to check as real ones."""
    return tuple(_factor(desk, directory, shadow, method) for method in _methods(desk, shadow))


def hint_before_proof(desk: Desk, factor: Factor, name: str) -> str:
    """Return a real factor's masked destination; what no decoy could have would tell them apart.

    So the domain is shown only if it is the directory's own and the address begins like the typed name.
    """
    initial, domain = factor.destination[:1].lower(), factor.destination.rpartition("@")[2]
    if not domain:
        return ""
    is_own = domain in desk.domains.get(factor.directory, ()) and initial == _initial(desk, factor, name)
    return _masked(initial, domain if is_own else MASK)


def hint_of(desk: Desk, factor: Factor, name: str) -> str:
    """Return a masked destination that the bearer of such a name might have.

    An honest person who has registered nothing sees this too, so it shows no domain but their employer's.
    """
    if not KINDS[factor.method].sends:
        return ""
    dice = desk.keys.digest("decoy-hint", factor.id)
    own, domains = _initial(desk, factor, name), desk.domains.get(factor.directory, ())
    if own and domains and dice[1] % _OWN_DOMAIN == 0:
        return _masked(own, _pick(domains, dice[2]))
    return _masked(own if own and dice[0] % _OTHER_LETTER else _pick(_LETTERS, dice[2]), MASK)


def _initial(desk: Desk, factor: Factor, name: str) -> str:
    """Return the letter or digit that a name begins with, or nothing."""
    domains, short = desk.domains.get(factor.directory, ()), desk.short_name(factor.directory)
    first = bare_name(name, domains, short)[:1]
    return first if first.isascii() and first.isalnum() else ""


def _masked(initial: str, domain: str) -> str:
    return f"{initial}{MASK}@{domain}"


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
