"""People: the mirror of directory accounts, and who is signed in."""
