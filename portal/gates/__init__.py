"""Which ways, how many of them, before which operation; and how far an attempt has got."""
