"""The first tables of attempts, of what is offered in them, and of the policy."""

import django.db.models.deletion
import django.utils.timezone
import portal.gates.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reset_scope', models.CharField(choices=[('none', 'Nobody'), ('selected', 'Members of selected groups'), ('all', 'Everybody whom the worker serves')], default='all', max_length=10, verbose_name='who may reset')),
                ('groups', models.TextField(blank=True, help_text='Distinguished names, one a line; nested members count.', verbose_name='selected groups')),
                ('methods', models.JSONField(default=portal.gates.models.all_kinds, verbose_name='methods')),
                ('reset_gates', models.PositiveSmallIntegerField(default=2, verbose_name='gates before a reset')),
                ('unlock_on', models.BooleanField(default=True, verbose_name='unlock without a reset')),
                ('unlock_gates', models.PositiveSmallIntegerField(default=1, verbose_name='gates before an unlock')),
                ('changed', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'policy',
                'verbose_name_plural': 'policy',
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=portal.gates.models.public_id, max_length=22, unique=True)),
                ('worker_id', models.CharField(max_length=32, unique=True)),
                ('directory', models.CharField(max_length=64)),
                ('operation', models.CharField(max_length=10)),
                ('reference', models.CharField(db_index=True, max_length=20)),
                ('name', models.CharField(blank=True, max_length=256)),
                ('methods', models.PositiveSmallIntegerField()),
                ('groups', models.PositiveSmallIntegerField()),
                ('enough', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('open', 'open'), ('sent', 'waiting for the directory'), ('done', 'done'), ('not-done', 'not done'), ('unsure', 'not sure'), ('void', 'void')], default='open', max_length=10)),
                ('started', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires', models.DateTimeField(db_index=True)),
                ('sent', models.DateTimeField(null=True)),
                ('finished', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=30)),
                ('facts', models.JSONField(default=dict)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handle', models.CharField(max_length=32)),
                ('kind', models.CharField(max_length=20)),
                ('hint', models.CharField(blank=True, max_length=256)),
                ('place', models.PositiveSmallIntegerField()),
                ('proven', models.BooleanField(default=False)),
                ('sent', models.DateTimeField(null=True)),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='gates.attempt')),
            ],
            options={
                'ordering': ['place'],
                'constraints': [models.UniqueConstraint(fields=('attempt', 'handle'), name='offer_handle')],
            },
        ),
    ]
