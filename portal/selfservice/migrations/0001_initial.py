"""When the background work was done is kept here from now on; portal.web has renamed the table."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [("web", "0006_chore_moves")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="BackgroundWork",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("name", models.CharField(max_length=40, unique=True)),
                        ("done_at", models.DateTimeField(auto_now=True)),
                    ],
                ),
            ]
        ),
    ]
