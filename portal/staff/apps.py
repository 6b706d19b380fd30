"""Names the app, and the admin site with its second factor."""

from django.apps import AppConfig
from django.contrib.admin import apps
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    """Local administrators."""

    default = True
    name = "portal.staff"
    verbose_name = _("Staff")


class AdminConfig(apps.AdminConfig):
    """Django's admin behind a password and a TOTP code."""

    default = False
    default_site = "portal.staff.site.KeybackAdminSite"
