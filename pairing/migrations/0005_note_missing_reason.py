"""Numbers above three that were agreed before a reason was asked for keep standing, and say so."""

from django.db import migrations


def note(apps, schema_editor):
    apps.get_model("pairing", "Carer")._base_manager.filter(capacity__gt=3).update(capacity_reason="当时未要求填写")


class Migration(migrations.Migration):
    dependencies = [("pairing", "0004_capacity_reason")]
    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
