"""Registers a person through the portal's own pages: a mail address, an app, backup codes."""

import re
import time
from base64 import b32decode, b32encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.walker import Form, Page, Walker
from deploy.dev.lab import Person
from deploy.dev.processes import SetupError

STEP = 30
CODE = re.compile(r"\b(\d{4}) ?(\d{4})\b")


@dataclass(frozen=True)
class App:
    """A person's authenticator app."""

    seed: str = field(repr=False)

    @classmethod
    def of(cls, seed: bytes) -> "App":
        """Return an app with this seed."""
        return cls(b32encode(seed).decode("ascii"))

    def code(self, *, at: float | None = None) -> str:
        """Return the code of this moment, or of another Unix time."""
        totp = TOTP(b32decode(self.seed), 6, SHA1(), STEP)  # RFC 6238, as all apps support it
        return totp.generate(int(time.time() if at is None else at)).decode("ascii")


@dataclass(frozen=True)
class Registered:
    """What a person has after registering."""

    app: App
    backup_codes: tuple[str, ...] = field(repr=False)


def register(base: str, person: Person, mailbox: Mailbox) -> Registered:
    """Walk the pages of /register/ from the sign-in to "You're set".

    Raises:
        SetupError: a page did not lead on; the text names the page.
    """
    walker = Walker(base)
    try:
        page = _sign_in(walker, person, mailbox)
        page = _add_mail(walker, page, person, mailbox)
        app = _add_app(walker)
        codes = _add_backup_codes(walker)
    except (LookupError, AttributeError) as trouble:
        raise SetupError(f"{person.name} could not be registered: {trouble}") from trouble
    return Registered(app, codes)


def mailed_code(mailbox: Mailbox, address: str, after: int) -> str:
    """Return the code in the next mail with a code to an address."""
    while True:
        mail = mailbox.wait_for(to=address, after=after)
        after = mailbox.messages.index(mail) + 1
        if found := CODE.search(mail.text):
            return "".join(found.groups())


def _sign_in(walker: Walker, person: Person, mailbox: Mailbox) -> Page:
    page = walker.fill(walker.get("/register/sign-in/"), name=person.name, password=person.password)
    if "/attempt/" in page.path or "prove" in page.path:
        page = prove_by_mail(walker, page, person, mailbox)
    return page


def prove_by_mail(walker: Walker, page: Page, person: Person, mailbox: Mailbox) -> Page:
    """Choose mail on a page of ways to prove it, if there is a choice, and type the code."""
    before = mailbox.count
    if page.path.endswith("/prove/"):
        form = page.form("offer")
        page = walker.submit(page, form, offer=form.choices["offer"][0])
    return walker.fill(page, code=mailed_code(mailbox, person.mail, before))


def _add_mail(walker: Walker, page: Page, person: Person, mailbox: Mailbox) -> Page:
    page = walker.get("/register/add/email/")
    before = mailbox.count
    form = (
        page.form("source") if any("source" in form.choices for form in page.forms) else page.form("address")
    )
    own = {"source": "own"} if "source" in form.choices else {"address": person.mail}
    page = walker.submit(page, form, **own)
    if page.path == "/register/":
        return page
    return walker.fill(page, code=mailed_code(mailbox, person.mail, before))


def _add_app(walker: Walker) -> App:
    page = walker.get("/register/add/totp/")
    page = walker.submit(page, _own_form(page))
    found = re.search(r"otpauth://totp/[^\"]*?secret=([A-Z2-7]+)", page.text)
    if not found:
        raise LookupError(f"no seed on {page.path} ({page.status})")
    app = App(found.group(1))
    page = walker.fill(page, code=app.code())
    if page.path != "/register/":
        raise LookupError(f"the app was not taken on {page.path} ({page.status})")
    return app


def _add_backup_codes(walker: Walker) -> tuple[str, ...]:
    page = walker.get("/register/add/backup-codes/")
    page = walker.submit(page, _own_form(page))
    codes = tuple(re.findall(r"<li>([A-Z2-7 -]{13,17})</li>", page.text))
    page = walker.fill(page, saved="on")
    if page.path != "/register/" or not codes:
        raise LookupError(f"the backup codes were not taken on {page.path} ({page.status})")
    return codes


def _own_form(page: Page) -> Form:
    """Return the form that posts to the page itself, not the one that signs out or changes the language."""
    return next(form for form in page.forms if form.action in ("", page.path))
