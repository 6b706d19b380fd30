"""A server that speaks Redis's protocol over TCP, and answers strangely where it is told to.

It knows the commands of Keyback's accounts and no passwords. `strange` names a command and what comes instead
of its answer: bytes as they are, HANG for nothing at all, CLOSE for the end of the connection.
"""

import socket
import socketserver
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

import redis

from deploy.dev.demo.redis import Login

HANG = b"hang"
CLOSE = b"close"
SECRET = "the-password-of-this-worker"  # must be found in no log
OK = b"+OK\r\n"
Command = list[bytes]


class FakeRedis:
    """Listens on loopback while its `with` block lasts; what is set to expire stays."""

    site = "main"
    ca_file: Path | None = None
    portal = Login("portal", SECRET)

    def __init__(self) -> None:
        self.workers = {"w1": Login("writeback-w1", SECRET)}
        self.served: list[str] = []
        self._strange: dict[str, deque[bytes]] = {}
        self._lists: dict[bytes, deque[bytes]] = defaultdict(deque)
        self._texts: dict[bytes, bytes] = {}
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.fake = self
        self.port = int(self._server.server_address[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def be_strange(self, command: str, *answers: bytes) -> None:
        """Give these answers to the next calls of a command, one each; the attacker is answered as ever.

        A call that waits already is answered with nothing, as if its time were over.
        """
        with self._changed:
            self._strange[command] = deque(answers)
            self._changed.notify_all()

    def is_sane(self) -> bool:
        """Tell whether all strange answers have been given."""
        with self._changed:
            return not any(self._strange.values())

    def client(self, login: Login | None = None, **options: Any) -> Any:
        """Return a client that is always answered as it should be."""
        account = login or Login("attacker", "any")
        return redis.Redis.from_url(
            self.url,
            username=account.username,
            password=account.password,
            **({"socket_timeout": 5, "protocol": 2} | options),
        )

    def answer(self, session: "_Session", command: Command) -> bytes:
        """Return what is sent for one command."""
        name = command[0].decode().upper()
        if not session.is_attacker:
            with self._changed:
                self.served.append(name)
                waiting = self._strange.get(name)
                if waiting:
                    return waiting.popleft()
        return self._sane(session, name, command[1:])

    def _sane(self, session: "_Session", name: str, words: Command) -> bytes:
        if name == "AUTH":
            session.is_attacker = words[0] == b"attacker"
        if name == "MULTI":
            session.queued = []
            return OK
        if name == "EXEC":
            queued, session.queued = session.queued or [], None
            return array(self._do(*each) for each in queued)
        if session.queued is not None:
            session.queued.append((name, words))
            return b"+QUEUED\r\n"
        if name in ("BRPOP", "BLPOP"):
            return self._pop(words[0], float(words[-1]), right=name == "BRPOP")
        return self._do(name, words)

    def _do(self, name: str, words: Command) -> bytes:
        does: dict[str, Callable[..., bytes]] = {
            "PING": lambda: b"+PONG\r\n",
            "AUTH": lambda *_: OK,
            "SELECT": lambda _: OK,
            "LPUSH": self._push,
            "RPUSH": lambda key, *items: self._push(key, *items, right=True),
            "LLEN": lambda key: integer(len(self._lists[key])),
            "LRANGE": lambda key, *_: array(bulk(item) for item in self._lists[key]),
            "DEL": self._delete,
            "SET": self._set,
            "GET": lambda key: bulk(self._texts.get(key)),
            "EXPIRE": lambda key, _: integer(int(key in self._lists or key in self._texts)),
        }
        if name not in does:
            return b"-ERR unknown command '%s'\r\n" % name.encode()
        with self._changed:
            said = does[name](*words)
            self._changed.notify_all()
        return said

    def _push(self, key: bytes, *items: bytes, right: bool = False) -> bytes:
        (self._lists[key].extend if right else self._lists[key].extendleft)(items)
        return integer(len(self._lists[key]))

    def _delete(self, *keys: bytes) -> bytes:
        return integer(
            sum(bool(self._lists.pop(key, None)) | (self._texts.pop(key, None) is not None) for key in keys)
        )

    def _set(self, key: bytes, value: bytes, *_options: bytes) -> bytes:
        self._texts[key] = value
        return OK

    def _pop(self, key: bytes, seconds: float, *, right: bool) -> bytes:
        with self._changed:
            name = "BRPOP" if right else "BLPOP"
            self._changed.wait_for(
                lambda: bool(self._lists[key] or self._strange.get(name)), timeout=seconds or None
            )
            items = self._lists[key]
            if not items:
                return b"*-1\r\n"
            return array([bulk(key), bulk(items.pop() if right else items.popleft())])


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    fake: FakeRedis


class _Session(socketserver.StreamRequestHandler):
    server: _Server
    is_attacker = False
    queued: list[tuple[str, Command]] | None = None

    def handle(self) -> None:
        try:
            while command := self._read():
                said = self.server.fake.answer(self, command)
                if said == CLOSE:
                    return
                if said == HANG:
                    self._hang()
                    return
                self.wfile.write(said)
        except OSError:
            return  # who asked has gone

    def _read(self) -> Command:
        head = self.rfile.readline()
        if not head.startswith(b"*"):
            return []
        command = []
        for _ in range(int(head[1:])):
            size = int(self.rfile.readline()[1:])
            command.append(self.rfile.read(size))
            self.rfile.read(2)
        return command

    def _hang(self) -> None:
        """Say nothing until the other side gives up."""
        self.connection.setblocking(False)
        while True:
            try:
                if not self.connection.recv(4096, socket.MSG_PEEK):
                    return
                self.connection.recv(4096)
            except BlockingIOError:
                time.sleep(0.05)


def bulk(item: bytes | None) -> bytes:
    """Return a string as RESP2 sends it, or nothing."""
    return b"$-1\r\n" if item is None else b"$%d\r\n%s\r\n" % (len(item), item)


def integer(number: int) -> bytes:
    """Return a number as RESP2 sends it."""
    return b":%d\r\n" % number


def array(items: Iterable[bytes]) -> bytes:
    """Return answers as one array."""
    sent = list(items)
    return b"*%d\r\n%s" % (len(sent), b"".join(sent))
