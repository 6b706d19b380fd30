"""The devices of admins get a model here; their table is still the one of django-otp."""

from django.db import migrations


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("otp_totp", "0003_add_timestamps"),
        ("web", "0004_device_moves"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="AdminDevice",
                    fields=[],
                    options={"proxy": True, "indexes": [], "constraints": []},
                    bases=("otp_totp.totpdevice",),
                ),
            ]
        ),
    ]
