"""The people of the lab's forest, and the state in which they start."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

State = Literal["active", "locked", "must change", "expired", "disabled"]
SERVICE = "svc-keyback"
HELPDESK, ADMINS, VIP, OPERATORS = "Keyback-Helpdesk", "Keyback-Admins", "vip", "Server-Operations"
FIRST = ["Amber", "Brass", "Copper", "Crystal", "Granite", "Linen", "Marble", "Maple", "Silver"]
SECOND = ["anchor", "bridge", "candle", "lantern", "meadow", "orchard", "pebble", "thimble", "window"]


@dataclass(frozen=True)
class Role:
    """One of the standing accounts to make."""

    name: str
    surname: str
    note: str
    ou: str = "Staff"
    group: str | None = None
    state: State = "active"


@dataclass(frozen=True)
class Person:
    """An account in the lab's forest, as its directory knows it."""

    name: str
    password: str = field(repr=False)
    dn: str
    guid: bytes
    mail: str
    display_name: str
    state: State
    note: str = ""


CAST = (
    Role("alice", "Archer", "in scope"),
    Role("bob", "Baker", "in scope, never registered"),
    Role("charlie", "Cooper", "outside the scope", ou="Outside"),
    Role("dora", "Draper", "helpdesk, so protected", group=HELPDESK),
    Role("erin", "Ellis", "portal admin, so protected", group=ADMINS),
    Role("frank", "Foster", "locked by wrong passwords", state="locked"),
    Role("grace", "Gardner", "must change the password at the next sign-in", state="must change"),
    Role("heidi", "Hunter", "password expired", state="expired"),
    Role("ivan", "Irving", "a rule of their own asks for 14 characters", group=VIP),
    Role("judy", "Jansen", "disabled", state="disabled"),
    Role("mallory", "Mason", "a domain admin through a group in a group", group=OPERATORS),
)


def new_password() -> str:
    """Return a password that is easy to read out and that the lab's policy accepts."""
    return f"{secrets.choice(FIRST)}-{secrets.choice(SECOND)}-{secrets.randbelow(9000) + 1000}"
