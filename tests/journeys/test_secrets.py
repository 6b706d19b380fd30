"""The canary: marked secrets go through every journey, and are then looked for wherever they must not be."""

import base64
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from deploy.dev.demo.product import Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, words

OLD, WRONG, REFUSED, NEW, NEWER = (
    "Canary-old-4471-ä",
    "Canary-wrong-9921-ö",
    "Cnry-1",
    "Canary-new-7713-ü",
    "Canary-newer-3302-ß",
)
END = b"the-end-of-what-was-heard"


def forms_of(secret: str) -> set[bytes]:
    """Return the ways in which a secret could lie in a file: text, UTF-16, base64, hex, a form's body."""
    raw = {secret.encode(), secret.encode("utf-16-le")}
    coded = {base64.b64encode(one).rstrip(b"=") for one in raw} | {one.hex().encode() for one in raw}
    return raw | coded | {urllib.parse.quote_plus(secret).encode(), urllib.parse.quote(secret).encode()}


@contextmanager
def overheard(server: RedisServer) -> Iterator[list[bytes]]:
    """Collect every command that Redis gets."""
    heard: list[bytes] = []
    listening = Event()

    def listen() -> None:
        with server.client(socket_timeout=None) as client, client.monitor() as monitor:
            listening.set()
            while not heard or END not in heard[-1]:
                heard.append(str(monitor.next_command()).encode())

    thread = Thread(target=listen)
    thread.start()
    assert listening.wait(5)
    yield heard
    with server.client() as client:
        client.echo(END)
    thread.join(10)


def change(somebody: Visitor, old: str, new: str) -> str:
    page = somebody.walker.get("/change/")
    page = somebody.walker.fill(page, name=somebody.person.name, current=old, new=new, confirm=new)
    return words(somebody.wait(page))


def walk_everything(somebody: Visitor) -> None:
    """Reset with a refused and a good password, change with a wrong and a right one."""
    page = somebody.to_new_password()
    page = somebody.walker.fill(page, new=REFUSED, confirm=REFUSED)
    assert "Your new password is set." in words(somebody.set_password(page, NEW))
    assert "Your new password is set." not in change(somebody, WRONG, NEWER)
    assert "Your new password is set." in change(somebody, NEW, NEWER)


def test_no_secret_is_found_in_files_redis_or_mails(
    product: Product, visitor: NewVisitor, lab: Lab, redis_server: RedisServer
) -> None:
    with overheard(redis_server) as heard:
        somebody = visitor(password=OLD)
        walk_everything(somebody)
    assert somebody.registered
    secrets = [
        OLD,
        WRONG,
        REFUSED,
        NEW,
        NEWER,
        somebody.registered.app.seed,
        *somebody.registered.backup_codes,
    ]
    wanted = {form: number for number, secret in enumerate(secrets) for form in forms_of(secret)}
    places = {str(path): path.read_bytes() for path in files_of(product)}
    places["redis"] = b"\n".join(heard)
    places["mails"] = b"\n".join(mail.message.as_bytes() for mail in somebody.mailbox.messages)
    assert len(places["redis"]) > 10_000
    assert any(somebody.person.name.encode() in content for content in places.values())
    found = [
        (place, f"secret {number}")
        for place, content in places.items()
        for form, number in wanted.items()
        if form in content
    ]
    assert found == []


def test_the_search_finds_a_secret_in_each_form() -> None:
    planted = [
        OLD.encode(),
        OLD.encode("utf-16-le"),
        base64.b64encode(OLD.encode()),
        OLD.encode().hex().encode(),
        urllib.parse.urlencode({"new": OLD}).encode(),
    ]
    assert [place for place in planted if not any(form in place for form in forms_of(OLD))] == []


def files_of(product: Product) -> Iterator[Path]:
    """Yield every file that portal and worker keep: databases, logs, audits, keys, settings."""
    yield from (path for path in product.home.rglob("*") if path.is_file() and "static" not in path.parts)
