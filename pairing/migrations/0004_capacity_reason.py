import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pairing', '0003_fill_search_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='carer',
            options={'ordering': ['name', 'pk'], 'permissions': [('exceed_carer', 'Can let a carer have more than three children')], 'verbose_name': 'carer', 'verbose_name_plural': 'carers'},
        ),
        migrations.AddField(
            model_name='carer',
            name='capacity_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='reason for more than three children'),
        ),
        migrations.AddField(
            model_name='carer',
            name='capacity_set_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='number approved by'),
        ),
        migrations.AddField(
            model_name='carer',
            name='capacity_set_on',
            field=models.DateField(editable=False, null=True, verbose_name='number approved on'),
        ),
    ]
