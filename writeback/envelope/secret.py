"""A string that can't be printed, logged or pickled, and is compared in constant time."""

import hmac
from typing import Any, NoReturn, final


@final
class Secret:
    """A password, code or key that must never reach a log, a traceback or a queue in clear.

    Only an explicit `reveal()` returns the text, so that a search finds every place that reads it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (text.encode("utf-8", "surrogatepass") for text in (self._text, other._text))
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]  # a hash would tell equal secrets apart from others

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A Secret is not pickled or copied.")
