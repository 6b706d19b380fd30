"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    """The only door to the workers."""

    name = "portal.dispatch"
    verbose_name = _("Writeback")
