"""The devices of admins move to portal.staff; nothing in the database changes."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("web", "0003_chore")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="AdminDevice")]),
    ]
