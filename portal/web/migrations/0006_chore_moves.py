"""When the background work was done is kept in portal.selfservice from now on; its table goes there as it is."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("web", "0005_throttle_moves")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name="Chore", table="selfservice_backgroundwork")],
            state_operations=[migrations.DeleteModel(name="Chore")],
        ),
    ]
