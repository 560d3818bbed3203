"""The pinyin of the accounts that were there before."""

from django.db import migrations


def fill(apps, schema_editor):
    for row in apps.get_model("accounts", "User")._base_manager.all():
        row.save(update_fields=["search_keys"])  # the field fills itself


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_search_keys")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
