"""The first table of factors, without their secrets."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Factor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('factor_id', models.CharField(max_length=32, unique=True)),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('hint', models.CharField(blank=True, max_length=256, verbose_name='where to')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'factor',
                'verbose_name_plural': 'factors',
            },
        ),
    ]
