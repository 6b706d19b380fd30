"""A proxy before a domain controller: it counts what passes, and can delay it, cut it or be gone.

LDAPS is encrypted, so it ends TLS with a certificate of the lab's own authority and opens a session of its
own behind; what passes is cut into LDAP messages (RFC 4511 4.1.1) and forwarded byte for byte.
"""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from deploy.dev.lab import Lab
from deploy.dev.processes import free_port
from tests.fakes.ber import INTEGER, SEQUENCE, elements, header_of

MODIFY = 0x66
"""modifyRequest: application tag 6, constructed (RFC 4511 4.6)."""
HOST = "127.0.0.1"
Message = Callable[[bytes], Awaitable[None]]


class LdapProxy:
    """Listens on a loopback port of its own, which it keeps.

    `modifies` counts the modify requests that the controller was given. While `loses_answer` is set, the
    worker's connection is cut when the controller answers a modify request, and the answer is lost; while
    `loses_request` is set, it is cut when the worker sends one, and the controller never gets it.
    """

    def __init__(self, lab: Lab, home: Path) -> None:
        self.port = free_port(HOST)
        self.modifies = 0
        self.loses_request = self.loses_answer = False
        self._lab = lab
        self._home = home
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ldap-proxy", daemon=True)
        self._flows = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Listen."""
        cert, key = self._lab.authority.issue(self._home, names=[self._lab.host], addresses=[HOST])
        self._front = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._front.load_cert_chain(cert, key)
        self._back = ssl.create_default_context(cafile=str(self._lab.ca_file))
        self._thread.start()
        self.flow()
        self.up()

    def stop(self) -> None:
        """Listen no more, and end the thread."""
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stand_before(self, configuration: Path) -> None:
        """Have a worker's settings lead here and not to the controller."""
        direct = f"{self._lab.host}@{self._lab.address}"
        through = f"{self._lab.host}@{HOST}:{self.port}"
        configuration.write_text(configuration.read_text().replace(direct, through))

    def up(self) -> None:
        """Take connections."""
        self._do(self._listen())

    def down(self) -> None:
        """Be gone: cut all connections and refuse new ones."""
        self._do(self._close())

    def stall(self) -> None:
        """Keep back all answers from now on."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def flow(self) -> None:
        """Pass answers on, those that were kept back too."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        if self._server:
            return
        self._server = await asyncio.start_server(self._session, HOST, self.port, ssl=self._front)

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._sessions.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # one end hung up, or the proxy went down
        finally:
            writer.transport.abort()
            self._sessions.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, to_dc = await asyncio.open_connection(
            self._lab.address, self._lab.port, ssl=self._back, server_hostname=self._lab.host
        )
        doomed = asyncio.Event()

        async def ask(message: bytes) -> None:
            if operation(message) == MODIFY:
                if self.loses_request:
                    raise ConnectionAbortedError
                self.modifies += 1
                if self.loses_answer:
                    doomed.set()
            to_dc.write(message)
            await to_dc.drain()

        async def answer(message: bytes) -> None:
            await self._flows.wait()
            if doomed.is_set():
                raise ConnectionAbortedError
            writer.write(message)
            await writer.drain()

        ways = [asyncio.create_task(_pass(reader, ask)), asyncio.create_task(_pass(behind, answer))]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to_dc.transport.abort()


def operation(message: bytes) -> int:
    """Return the tag of an LDAP message's operation."""
    ((_, content),) = elements(message)
    (number, _), (tag, _), *_ = elements(content)
    assert number == INTEGER
    return tag


async def _pass(reader: asyncio.StreamReader, on: Message) -> None:
    while True:
        await on(await _message(reader))


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(2)
    assert head[0] == SEQUENCE
    if head[1] > 0x80:
        head += await reader.readexactly(head[1] & 0x7F)
    _, size = header_of(head)
    return head + await reader.readexactly(size)
