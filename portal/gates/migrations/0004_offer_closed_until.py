"""An offer says until when it takes no more tries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gates", "0003_idle")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="closed_until",
            field=models.DateTimeField(null=True),
        ),
    ]
