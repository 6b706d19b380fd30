"""Names the app."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    """The only door to the workers."""

    name = "portal.dispatch"
    verbose_name = _("Writeback")

    def ready(self) -> None:
        """Have `manage.py check` look at the paired sites."""
        register(import_string("portal.dispatch.checks.check_sites"), Tags.database)  # which needs models
