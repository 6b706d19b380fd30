"""A job belongs to a site, whose workers find the directory."""

from typing import Any

from django.db import migrations, models


def name_sites(apps: Any, schema_editor: Any) -> None:
    """Write the name of the site that served a directory where the directory's id stood."""
    for site in apps.get_model("dispatch", "Site").objects.all():
        apps.get_model("dispatch", "JobRecord").objects.filter(site__in=site.directories).update(site=site.name)


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0004_troubles")]

    operations = [
        migrations.RenameField("jobrecord", "directory", "site"),
        migrations.AlterField("jobrecord", "site", models.CharField(max_length=32, verbose_name="site")),
        migrations.RunPython(name_sites, migrations.RunPython.noop),
    ]
