"""Local administrators: their accounts and devices, their sign-in, and the admin site."""
