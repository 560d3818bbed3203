import django.utils.timezone
from django.db import migrations, models

from carebase.audit import append_only


def forbid(apps, schema_editor):
    append_only.forbid(schema_editor, "audit_treehead", "size")


def allow(apps, schema_editor):
    append_only.allow(schema_editor, "audit_treehead")


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_fill_leaves")]

    operations = [
        migrations.CreateModel(
            name="TreeHead",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("last_event", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("peaks", models.BinaryField()),
                ("sealed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("signature", models.TextField()),
            ],
            options={
                "verbose_name": "seal of the audit trail",
                "verbose_name_plural": "seals of the audit trail",
                "ordering": ["size"],
            },
        ),
        migrations.RunPython(forbid, allow),
    ]
