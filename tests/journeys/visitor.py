"""A person at a browser: what she knows, what she holds, and the steps that she takes."""

import html
import re
import time

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.registering import Registered, mailed_code, register
from deploy.dev.demo.walker import Page, Walker, offers
from deploy.dev.lab import Person

REFERENCE = re.compile(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b")


def words(page: Page) -> str:
    """Return what a person reads on a page."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def at_rest(mailbox: Mailbox, *, quiet: float = 1.5) -> int:
    """Wait until no mail has arrived for a while.

    Args:
        mailbox: to watch.
        quiet: seconds; longer than the pause between two looks of the worker at its outbox.

    Returns:
        how many mails there are.
    """
    count, since = mailbox.count, time.monotonic()
    while time.monotonic() < since + quiet:
        time.sleep(0.02)
        if mailbox.count != count:
            count, since = mailbox.count, time.monotonic()
    return count


class Visitor:
    """Somebody who uses the portal over HTTP."""

    def __init__(self, base: str, person: Person, mailbox: Mailbox) -> None:
        self.base = base
        self.person = person
        self.mailbox = mailbox
        self.walker = Walker(base)
        self.registered: Registered | None = None
        self._codes: list[str] = []
        self._spent = 0.0

    def register(self) -> None:
        """Set up mail, an app and backup codes."""
        self.registered = register(self.base, self.person, self.mailbox)
        self._codes = list(self.registered.backup_codes)
        self._spent = time.time()

    def begin(self, path: str, *, name: str | None = None) -> Page:
        """Say who you are on /reset/ or /unlock/."""
        return self.walker.fill(self.walker.get(path), name=name or self.person.name)

    def prove(self, page: Page, kind: str) -> Page:
        """Choose a way and give the right code."""
        before = self.mailbox.count
        if page.path.endswith("/prove/"):
            page = self.walker.fill(page, offer=offers(page.text)[kind])
        return self.walker.fill(page, code=self.code(kind, before))

    def code(self, kind: str, before: int = 0) -> str:
        """Return a code that is right now."""
        assert self.registered
        if kind == "email":
            return mailed_code(self.mailbox, self.person.mail, before)
        if kind == "totp":
            return self.app_code()
        return self._codes.pop()

    def app_code(self) -> str:
        """Return a code that the app has not shown yet; the next step's is good already."""
        assert self.registered
        step = max(self._spent, time.time())
        self._spent = step + 30
        if self._spent > time.time() + 31:
            time.sleep(self._spent - time.time() - 30)
        return self.registered.app.code(at=self._spent)

    def to_new_password(self) -> Page:
        """Walk from /reset/ to the page that asks for the new password."""
        page = self.prove(self.begin("/reset/"), "email")
        return self.prove(page, "backup_codes")

    def set_password(self, page: Page, new: str) -> Page:
        """Type the new password twice, and wait for the end if it takes longer."""
        return self.wait(self.walker.fill(page, new=new, confirm=new))

    def wait(self, page: Page) -> Page:
        """Look again until the page says how it ended."""
        deadline = time.monotonic() + 40
        while "data-poll" in page.text and time.monotonic() < deadline:
            time.sleep(1)
            page = self.walker.get(page.path)
        return page
