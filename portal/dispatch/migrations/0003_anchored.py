"""A site has the end of the portal's audit that it has seen, and how the audit differs from that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0002_pinned_state")]

    operations = [
        migrations.AddField("site", "anchored", models.PositiveBigIntegerField(default=0, editable=False)),
        migrations.AddField("site", "anchored_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField("site", "misfit", models.JSONField(default=dict, editable=False)),
    ]
