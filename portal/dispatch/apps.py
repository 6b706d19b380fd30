"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.dispatch.keys import require_private_key


class DispatchConfig(AppConfig):
    """The only way to the workers."""

    name = "portal.dispatch"
    verbose_name = _("Writeback")

    def ready(self) -> None:
        """Refuse to start if others can read the portal's key."""
        require_private_key()
