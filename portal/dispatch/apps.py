"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.dispatch.keys import require_private_key


class DispatchConfig(AppConfig):
    """The only door to the workers."""

    name = "portal.dispatch"
    verbose_name = _("Writeback")

    def ready(self) -> None:
        """Refuse a portal key that others can read."""
        require_private_key()
