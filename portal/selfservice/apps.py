"""Names the app."""

from django.apps import AppConfig

from portal.selfservice.site_map import SITE_MAP
from portal.web.site_map import give_site_map


class SelfserviceConfig(AppConfig):
    """The pages for people."""

    name = "portal.selfservice"

    def ready(self) -> None:
        """Tell the apps below where their pages lead to."""
        give_site_map(SITE_MAP)
