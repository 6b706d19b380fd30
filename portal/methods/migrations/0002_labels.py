"""A factor without a label of its own is called what its method is called, in the language of the page."""

from typing import Any

from django.db import migrations

# What version 0.1 kept as the label where nobody had typed one.
TITLES = {"totp": "Authenticator app", "email": "Mail", "backup_codes": "Backup codes"}


def forget_titles(apps: Any, _schema: Any) -> None:
    for kind, title in TITLES.items():
        apps.get_model("methods", "Factor").objects.filter(kind=kind, name=title).update(name="")


class Migration(migrations.Migration):

    dependencies = [
        ("methods", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(forget_titles, migrations.RunPython.noop),
    ]
