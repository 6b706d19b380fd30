"""The user names of people of a directory (pure)."""


def username_of(directory: str, anchor: str) -> str:
    """Return the user name of the mirror of a directory account.

    Args:
        directory: its id.
        anchor: the account's objectGUID in hex.
    """
    return f"{anchor}@{directory}"
