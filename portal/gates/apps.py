"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatesConfig(AppConfig):
    """Policy, attempts and their gates."""

    name = "portal.gates"
    verbose_name = _("Policy")
