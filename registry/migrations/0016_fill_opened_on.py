"""The files that were there before were opened on the day that the audit trail says."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, TruncDate


def fill(apps, schema_editor):
    created = apps.get_model("audit", "Event")._base_manager.filter(
        model="registry.child", object_code=OuterRef("code"), action="create"
    )
    day = Subquery(created.order_by("pk").values(day=TruncDate("at"))[:1])
    apps.get_model("registry", "Child")._base_manager.update(opened_on=Coalesce(day, F("opened_on")))


class Migration(migrations.Migration):
    dependencies = [("registry", "0015_opened_on"), ("audit", "0002_append_only")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
