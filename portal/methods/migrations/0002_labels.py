"""A factor without a label is shown under the name of its method, in the language of the page."""

from typing import Any

from django.db import migrations

# The labels that version 0.1 saved if nobody had typed one.
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
