"""An attempt has the idle time after which it ends, and the life of a code."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gates', '0002_repeated'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='code_life',
            field=models.PositiveIntegerField(default=300),
        ),
        migrations.AddField(
            model_name='attempt',
            name='idle',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='attempt',
            name='touched',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
