"""An authenticator app."""
