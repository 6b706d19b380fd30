"""Names the app."""

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal.throttle.signals import turned_away


class GatesConfig(AppConfig):
    """Policy, attempts and their gates."""

    name = "portal.gates"
    verbose_name = _("Policy")

    def ready(self) -> None:
        """Listen for who is turned away at the door."""
        turned_away.connect(import_string("portal.gates.flows.tell_turned_away"))  # which needs models
