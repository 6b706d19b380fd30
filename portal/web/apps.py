"""Names the app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    """What every page shares."""

    name = "portal.web"

    def ready(self) -> None:
        """Load the modules of all apps by which they listen to signals: by now models can be imported."""
        autodiscover_modules("receivers")
