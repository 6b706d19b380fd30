"""Names the app, and the admin site with its second factor."""

from django.apps import AppConfig
from django.contrib.admin import apps


class WebConfig(AppConfig):
    """What every page shares."""

    default = True
    name = "portal.web"


class AdminConfig(apps.AdminConfig):
    """Django's admin behind a password and a TOTP code."""

    default = False
    default_site = "portal.web.site.KeybackAdminSite"
