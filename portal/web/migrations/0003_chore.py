"""The table of the times when each chore was last done."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('web', '0002_admin_device'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('done_at', models.DateTimeField(auto_now=True)),
            ],
        ),
    ]
