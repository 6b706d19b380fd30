"""An attempt belongs to a site, whose workers find the directory."""

from typing import Any

from django.db import migrations, models


def name_sites(apps: Any, schema_editor: Any) -> None:
    """Write the name of the site that served a directory where the directory's id stood."""
    for site in apps.get_model("dispatch", "Site").objects.all():
        apps.get_model("gates", "Attempt").objects.filter(site__in=site.directories).update(site=site.name)


class Migration(migrations.Migration):
    dependencies = [("gates", "0006_plain_names"), ("dispatch", "0005_site_of_job")]

    operations = [
        migrations.RenameField("attempt", "directory", "site"),
        migrations.RunPython(name_sites, migrations.RunPython.noop),
        migrations.AlterField("attempt", "site", models.CharField(max_length=32)),
    ]
