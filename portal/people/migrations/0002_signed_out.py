"""An account has the time until which its sign-ins are over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="signed_out",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sign-ins until then are over"),
        ),
    ]
