"""Names the app, and the admin site with its second factor."""

from django.apps import AppConfig
from django.contrib.admin import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal.web.signals import code_refused

SIGN_INS = {
    user_logged_in: "portal.people.flows.tell_signed_in",
    user_logged_out: "portal.people.flows.tell_signed_out",
    user_login_failed: "portal.people.flows.tell_refused",
    code_refused: "portal.people.flows.tell_code_refused",
}


class PeopleConfig(AppConfig):
    """People and staff."""

    default = True
    name = "portal.people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Listen for admins who sign in."""
        for signal, receiver in SIGN_INS.items():
            signal.connect(import_string(receiver))  # models can be imported from now on


class AdminConfig(apps.AdminConfig):
    """Django's admin behind a password and a TOTP code."""

    default = False
    default_site = "portal.people.site.KeybackAdminSite"
