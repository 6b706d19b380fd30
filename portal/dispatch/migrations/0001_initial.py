"""The first tables of sites and of the jobs that were sent to them."""

import django.utils.timezone
import portal.dispatch.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='JobRecord',
            fields=[
                ('jti', models.CharField(max_length=32, primary_key=True, serialize=False, verbose_name='id')),
                ('op', models.CharField(max_length=40, verbose_name='job')),
                ('directory', models.CharField(max_length=32, verbose_name='directory')),
                ('reference', models.CharField(db_index=True, max_length=20, verbose_name='reference')),
                ('sent_at', models.DateTimeField(verbose_name='sent')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('outcome', models.CharField(blank=True, max_length=40, verbose_name='outcome')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled')),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'ordering': ['-sent_at'],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=32, unique=True, verbose_name='name')),
                ('identity', models.BinaryField(max_length=32, validators=[portal.dispatch.models.require_key], verbose_name='public key')),
                ('fingerprint', models.CharField(max_length=39, verbose_name='fingerprint')),
                ('redis', models.CharField(blank=True, max_length=200, verbose_name='post box')),
                ('workers', models.JSONField(default=list, verbose_name='workers')),
                ('directories', models.JSONField(default=list, verbose_name='directories')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('paired_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='paired')),
            ],
            options={
                'verbose_name': 'site',
                'verbose_name_plural': 'sites',
                'ordering': ['name'],
            },
        ),
    ]
