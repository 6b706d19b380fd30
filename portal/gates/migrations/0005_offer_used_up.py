"""An offer keeps that its code is used up by wrong tries."""

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
