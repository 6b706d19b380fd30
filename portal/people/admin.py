"""The read-only list of accounts: their data comes from the directory."""

from django.contrib import admin

from portal.people.models import Account
from portal.web.typed import ModelAdmin, ReadOnly


@admin.register(Account)
class AccountAdmin(ReadOnly, ModelAdmin[Account]):
    """Shows accounts; `manage.py create_admin` makes local admins."""

    list_display = ["name", "display_name", "directory", "is_staff", "created"]
    list_filter = ["directory", "is_staff"]
    search_fields = ["name", "display_name", "guid"]
    fields = readonly_fields = (
        "name",
        "display_name",
        "directory",
        "guid",
        "is_staff",
        "is_active",
        "created",
    )
