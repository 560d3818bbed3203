"""The day on which a file was opened."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0014_fill_search_keys")]
    operations = [
        migrations.AddField(
            "child",
            "opened_on",
            models.DateField(default=django.utils.timezone.localdate, editable=False, verbose_name="file opened"),
        ),
    ]
