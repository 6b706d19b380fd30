"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The append-only audit."""

    name = "portal.audit"
    verbose_name = _("Audit")
