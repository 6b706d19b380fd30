"""An offer remembers that wrong tries have used up its code."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gates', '0004_offer_closed_until'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='used_up',
            field=models.BooleanField(default=False),
        ),
    ]
