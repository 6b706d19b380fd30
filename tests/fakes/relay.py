"""A mail relay on loopback that can be told to be slow, to refuse, or to speak TLS."""

import asyncio
import ssl
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Relay:
    """Takes mail and keeps it; `answer` is what it says to every recipient, `verdict` to every message.

    It listens while its `with` block lasts, on a port that the system chooses.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.arrived: list[float] = []
        self.answer = "250 OK"
        self.sender = "250 OK"
        self.verdict = "250 OK"
        self.signed_in: list[str] = []
        self.connections = 0
        self.port = 0
        self._tls, self._starttls = tls, starttls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._server: asyncio.Server | None = None
        self._sessions: list[SMTP] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_error: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(self._session, "127.0.0.1", 0, ssl=self._tls)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._end_sessions()

    async def _end_sessions(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for session in self._sessions:
            # asyncio's TLS transport has forgotten its protocol once the other end has hung up.
            if isinstance(session.transport, asyncio.Transport):
                with suppress(AttributeError):
                    session.transport.abort()
        self._sessions.clear()
        await asyncio.sleep(0.01)  # until the loop has closed the sockets

    def hang_up(self) -> None:
        """End every connection, as a relay does that finds one idle for too long."""
        self._do(self._end_sessions())

    def _session(self) -> SMTP:
        self.connections += 1
        made = SMTP(
            self,
            loop=self._loop,
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            authenticator=self._check,
            auth_require_tls=self._tls is None,
        )
        self._sessions.append(made)
        return made

    def _check(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password == b"hush", handled=False)

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        said, self.sender = self.sender, "250 OK"
        if said.startswith("250"):
            envelope.mail_from = address
        return said

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.verdict.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.arrived.append(time.monotonic())
        return self.verdict
