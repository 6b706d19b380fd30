"""An attempt remembers that its form was sent again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gates', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='repeated',
            field=models.BooleanField(default=False),
        ),
    ]
