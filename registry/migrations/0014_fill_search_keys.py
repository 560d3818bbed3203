"""The pinyin of the divisions and schools that were there before."""

from django.db import migrations


def fill(apps, schema_editor):
    for name in ("Division", "School"):
        for row in apps.get_model("registry", name)._base_manager.all():
            row.save(update_fields=["search_keys"])  # the field fills itself


class Migration(migrations.Migration):
    dependencies = [("registry", "0013_search_keys")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
