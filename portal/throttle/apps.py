"""Names the app."""

from django.apps import AppConfig


class ThrottleConfig(AppConfig):
    """Shares, challenges and locks."""

    name = "portal.throttle"
