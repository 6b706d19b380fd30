"""The counters move to portal.throttle; nothing in the database changes."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("web", "0004_device_moves")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Throttle")]),
    ]
