"""Names the app."""

from django.apps import AppConfig


class SelfserviceConfig(AppConfig):
    """The product: reset, unlock, change, my account."""

    name = "portal.selfservice"
