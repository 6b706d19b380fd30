"""The first table of counters."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Throttle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bucket', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=64)),
                ('taken', models.JSONField(default=list)),
                ('updated', models.DateTimeField(auto_now=True, db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('bucket', 'key'), name='throttle_key')],
            },
        ),
    ]
