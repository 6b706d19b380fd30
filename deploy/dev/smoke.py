"""`python -m deploy.dev.smoke`: a real browser resets a password in the running demo, and AD accepts it."""

import argparse
import fcntl
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, expect

from deploy.dev.chromium import chromium
from deploy.dev.demo.place import read_place
from deploy.dev.demo.registering import CODE, STEP, App
from deploy.dev.lab import LabError, SetupError
from deploy.dev.lab.cast import new_password
from deploy.dev.lab.connection import Address
from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import hear_endings, wait_until

WHO = "alice@corp.example"
LONGEST = 60
"""Most seconds from the first page to "done"."""
BETWEEN_MAILS = 60
"""Seconds for which no further code is sent to the same mailbox."""


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.dev.smoke", description=__doc__)
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "demo")
    words = parser.parse_args()
    hear_endings()
    outbox, new = words.home / "outbox", new_password()
    try:
        app, place = App(need_demo(words.home).read_text().strip()), read_place(words.home)
        address = Address(place.directory, "dc1.corp.example", words.home / "lab" / "ca.pem")
        rest_between_mails(outbox)
        taken = reset_in_browser(f"http://localhost:{place.port}", app, outbox, new)
        refusal = address.subcode(WHO, new)
    except (SetupError, LabError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if refusal:
        print(f"The directory refuses alice's new password over LDAPS ({refusal}).", file=sys.stderr)
        return 1
    print(f"From the first page to “done” in {taken:.1f} s (at most {LONGEST}).")
    print(
        f"{WHO} signed in to {address.host} with the new password, over LDAPS with its certificate checked."
    )
    return 0 if taken <= LONGEST else 1


def need_demo(home: Path) -> Path:
    """Return the file of alice's seed, which exists once the demo has started.

    Raises:
        SetupError: no demo runs; one sentence.
    """
    lock, seed = home / "demo.lock", home / "alice.seed"
    if lock.exists() and _is_held(lock) and seed.exists():
        return seed
    raise SetupError(f"No demo is ready in {home}; run `make demo` in another terminal first.")


def rest_between_mails(outbox: Path) -> None:
    """Wait until a code may be mailed to alice again, so that this wait is not measured."""
    times = [mail.stat().st_mtime for mail in outbox.glob(f"*{WHO}*.eml") if code_in(mail)]
    time.sleep(max(0.0, max(times, default=0.0) + BETWEEN_MAILS + 1 - time.time()))


def reset_in_browser(base: str, app: App, outbox: Path, new: str) -> float:
    """Walk from the first page to the last one; return the seconds that it took.

    Raises:
        SetupError: a page did not lead on; the text names the page.
    """
    with chromium() as browser:
        page = browser.new_page()
        try:
            page.goto("about:blank")
            begun = time.monotonic()
            page.goto(f"{base}/")
            page.get_by_role("link", name="I forgot my password").click()
            page.get_by_label("name").fill(WHO)
            _submit(page)
            _prove_by_mail(page, outbox)
            _prove_by_app(page, app)
            page.locator("input[name=new]").fill(new)
            page.locator("input[name=confirm]").fill(new)
            _submit(page)
            expect(page.get_by_text("Your new password is set.")).to_be_visible(timeout=30_000)
            return time.monotonic() - begun
        except (BrowserError, AssertionError) as trouble:
            raise SetupError(f"The browser went no further than {page.url}: {trouble}") from None


def code_in(mail: Path) -> str:
    """Return the code in a mail, or "" if there is none."""
    text = message_from_bytes(mail.read_bytes(), policy=policy.default).get_body(("plain",))
    found = CODE.search(str(text.get_content())) if text else None
    return "".join(found.groups()) if found else ""


def _prove_by_mail(page: Page, outbox: Path) -> None:
    before = set(outbox.glob("*.eml"))
    _choose(page, "email")
    codes: list[str] = []

    def came() -> bool:
        codes[:] = filter(None, map(code_in, set(outbox.glob(f"*{WHO}*.eml")) - before))
        return bool(codes)

    if not wait_until(came, seconds=15):
        raise SetupError(f"No code came to {WHO} within 15 seconds; see {outbox}.")
    _type_code(page, codes[0])


def _prove_by_app(page: Page, app: App) -> None:
    """Type the app's code, or the next one if this one was used already: each is good once."""
    _choose(page, "totp")
    _type_code(page, app.code())
    if page.url.endswith("/code/"):
        _type_code(page, app.code(at=time.time() + STEP))


def _choose(page: Page, kind: str) -> None:
    page.locator(f"input[data-kind={kind}]").check()
    _submit(page)
    page.wait_for_url("**/code/")


def _type_code(page: Page, code: str) -> None:
    page.locator("input[name=code]").fill(code)
    with page.expect_navigation():
        _submit(page)


def _submit(page: Page) -> None:
    page.locator("main button[type=submit]").first.click()


def _is_held(lock: Path) -> bool:
    with lock.open() as probe:
        try:
            fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
