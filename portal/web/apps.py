"""Names the app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    """What all pages share."""

    name = "portal.web"

    def ready(self) -> None:
        """Load the checks and the signal receivers of all apps; from now on, models can be imported."""
        autodiscover_modules("checks", "receivers")
