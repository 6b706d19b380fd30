"""Our own sentence for each reason why Redis can't be used, and the line that mends it; for both sides.

The server's own text is never shown: Redis is not trusted, and some of its messages repeat what was sent to
it, such as a password.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from writeback.envelope.tls import certificate_fault

_GRANT = "put the line that `writeback grant` prints into its aclfile"
_CODES = {
    "READONLY": (
        "Redis is a read-only replica",
        "name the primary, or make this one the primary: REPLICAOF NO ONE",
    ),
    "NOREPLICAS": ("Redis takes no writes because replicas are missing", "see min-replicas-to-write there"),
    "OOM": ("the memory of Redis is full", "see what fills it, or raise maxmemory there"),
    "NOPERM": ("Redis does not let this user run a command that it needs", _GRANT),
    "NOAUTH": ("Redis knows no user of this name, or got no password", _GRANT),
    "WRONGPASS": ("Redis refuses this user or its password", _GRANT),
    "MISCONF": (
        "Redis takes no writes because it can't save to its disk",
        'free its disk, or turn saving off there: save ""',
    ),
    "WRONGTYPE": (
        "a key of Redis is of another type: somebody else writes to it",
        "see who else has an account there; the worker removes its queue's wrong key by itself",
    ),
    "LOADING": ("Redis is loading its data", "wait until it is done"),
    "MASTERDOWN": ("Redis is a replica that has lost its primary", "see how the primary is"),
    "CLUSTERDOWN": ("the cluster of Redis is down", "use a single Redis, not a cluster"),
    "MOVED": ("Redis is part of a cluster", "use a single Redis, not a cluster"),
    "BUSY": ("Redis is busy with a script", "end it there: SCRIPT KILL"),
    "UNBLOCKED": ("Redis sent its clients away, as in a failover", "wait until the failover is done"),
    "ERR": ("Redis refuses a command", "see its version (6.2 or newer) and its log"),
}
_AUTHORITY = "[redis] ca_file (portal: KEYBACK_REDIS_CA)"
_NO_TLS = ("the TLS handshake with Redis failed", "see tls-port in its settings, and the port that is named")
_SILENT = ("Redis does not answer in time", "see whether it runs, and who may reach its port")
_GONE = ("Redis can't be reached", "see whether it runs, and who may reach its port")
_STRANGE = ("Redis gives an answer that can't be read", "see whether this really is a Redis")


DEFAULT_OFF = "user default off"
CLOSE = f"put into its aclfile: {DEFAULT_OFF}"
"""The line in the ACL file of a Redis that needs a password, and how to mend a Redis that needs none."""


@dataclass(frozen=True, kw_only=True)
class BrokerFault:
    """The reason why Redis can't be used.

    Args:
        code: the first word of the server's error, if this module knows it; else a word of our own.
        what: the fault, as a sentence without a full stop.
        mend: what to do about it, in the same form.
    """

    code: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what} ({self.code}); {self.mend}"

    @property
    def is_certificate(self) -> bool:
        """True if a server answered that is not the named one, so that waiting does not help."""
        return self.code == "CERTIFICATE"


def explain(error: BaseException) -> BrokerFault:
    """Return what an exception of a Redis client means.

    Args:
        error: an error of redis-py or of the operating system.
    """
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _fault("CERTIFICATE", certificate_fault(cause, whose="Redis", setting=_AUTHORITY))
        if isinstance(cause, ssl.SSLError):
            return _fault("TLS", _NO_TLS)
    code = _code_of(error)
    if code:
        return _fault(code, _CODES[code])
    if any(isinstance(cause, TimeoutError) or type(cause).__name__ == "TimeoutError" for cause in chain):
        return _fault("TIMEOUT", _SILENT)
    if any(isinstance(cause, OSError) or type(cause).__name__ == "ConnectionError" for cause in chain):
        return _fault("UNREACHABLE", _GONE)
    return _fault("STRANGE", _STRANGE)


def _code_of(error: BaseException) -> str:
    """Return the server's error code; redis-py takes it off the text of errors for which it has a class."""
    given = getattr(error, "status_code", None)
    words = str(error).split(maxsplit=1)
    for word in (given, *words[:1]):
        if isinstance(word, str) and word in _CODES:
            return word
    return ""


def _fault(code: str, told: tuple[str, str]) -> BrokerFault:
    what, mend = told
    return BrokerFault(code=code, what=what, mend=mend)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:  # deep enough for any wrapping
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1
