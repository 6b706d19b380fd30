"""Names the app."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal.dispatch.keys import require_private_key


class DispatchConfig(AppConfig):
    """The only door to the workers."""

    name = "portal.dispatch"
    verbose_name = _("Writeback")

    def ready(self) -> None:
        """Refuse a portal key that others can read, and have `manage.py check` look at the paired sites."""
        require_private_key()
        register(import_string("portal.dispatch.checks.check_sites"), Tags.database)  # which needs models
