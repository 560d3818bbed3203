from django.db import migrations

# How the statuses of rows were called before rows were compared with their files.
RENAMED = {"doubt": "new", "known": "unchanged", "refused": "problem"}


def rename(apps, schema_editor):
    Row, Batch = apps.get_model("registry", "ImportRow"), apps.get_model("registry", "ImportBatch")
    Row.objects.filter(status="doubt").update(remarks=True)
    for old, new in RENAMED.items():
        Row.objects.filter(status=old).update(status=new)
    for batch in Batch._base_manager.all():
        counts = {}
        for name, value in batch.counts.items():
            name = RENAMED.get(name, name)
            counts[name] = counts.get(name, 0) + value if isinstance(value, int) else value
        Batch._base_manager.filter(pk=batch.pk).update(counts=counts)


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_import_record")]

    # Backwards the new names stay: the old code shows such rows, and saves none of them.
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
