"""The admin shows devices under another name."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('otp_totp', '0003_add_timestamps'),
        ('web', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdminDevice',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('otp_totp.totpdevice',),
        ),
    ]
