"""A site has the times since when its workers are in trouble."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0003_anchored")]

    operations = [
        migrations.AddField("site", "troubles", models.JSONField(default=dict, editable=False)),
    ]
