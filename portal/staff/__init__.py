"""Who administers this: local admins, their devices, how they sign in, and the admin site."""
