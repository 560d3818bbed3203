from django.db import migrations

import carebase.audit.leaves


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="leaf",
            field=carebase.audit.leaves.LeafField(null=True),
        ),
    ]
