from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_tree_head")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("action", "export")), fields=["at"], name="event_export"),
        ),
    ]
