"""Columns of an attempt get the names that the code uses."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('gates', '0005_offer_used_up'),
    ]

    operations = [
        migrations.RenameField('attempt', 'worker_id', 'remote_id'),
        migrations.RenameField('attempt', 'methods', 'methods_needed'),
        migrations.RenameField('attempt', 'groups', 'families_needed'),
    ]
