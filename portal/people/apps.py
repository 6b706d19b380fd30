"""Names the app."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """People and staff."""

    name = "portal.people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Listen for admins who sign in."""
        from portal.people import flows  # noqa: PLC0415  # its models are there from now on

        user_logged_in.connect(flows.tell_signed_in)
        user_logged_out.connect(flows.tell_signed_out)
        user_login_failed.connect(flows.tell_refused)
