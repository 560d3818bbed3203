"""A referral gets a code, a version and its end; its reason is encrypted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import carebase.fields
from carebase.encryption.crypto import decrypt, encrypt
from carebase.models import new_code

LABEL = "registry.referral.reason"


def seal(apps, schema_editor):
    referrals = apps.get_model("registry", "Referral")._base_manager
    for pk, reason in referrals.values_list("pk", "reason"):
        referrals.filter(pk=pk).update(code=new_code(), reason=encrypt(LABEL, reason) if reason else "")


def unseal(apps, schema_editor):
    referrals = apps.get_model("registry", "Referral")._base_manager
    for pk, reason in referrals.exclude(reason="").values_list("pk", "reason"):
        referrals.filter(pk=pk).update(reason=decrypt(LABEL, reason)[:200])


class Migration(migrations.Migration):
    dependencies = [("registry", "0018_parents_whereabouts"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("referral", "code", models.CharField(max_length=10, null=True)),
        migrations.AddField("referral", "version", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddField(
            "referral",
            "ending",
            carebase.fields.EncryptedField(blank=True, default="", verbose_name="reason for ending"),
        ),
        migrations.AddField(
            "referral",
            "by",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="referred by",
            ),
        ),
        migrations.AlterField("referral", "reason", models.TextField()),
        migrations.RunPython(seal, unseal),
    ]
