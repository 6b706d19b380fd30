"""People: the mirror of directory accounts, local admins, and who is signed in."""
