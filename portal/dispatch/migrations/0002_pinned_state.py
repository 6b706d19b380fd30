"""A site has the id of its workers' state, and a job the id of the state that it was sent to."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='jobrecord',
            name='state',
            field=models.CharField(blank=True, editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='site',
            name='findings',
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.AddField(
            model_name='site',
            name='state',
            field=models.CharField(blank=True, max_length=32, verbose_name='state'),
        ),
    ]
