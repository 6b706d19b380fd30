"""The shapes of ids in addresses."""


class Hex:
    """16 bytes in hex."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PublicId:
    """An attempt's public id: 16 random bytes in URL-safe base64."""

    regex = "[A-Za-z0-9_-]{22}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
