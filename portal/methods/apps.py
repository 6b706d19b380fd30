"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MethodsConfig(AppConfig):
    """Ways to prove who you are."""

    name = "portal.methods"
    verbose_name = _("Methods")
