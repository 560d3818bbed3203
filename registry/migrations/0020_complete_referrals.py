"""Every referral has a code by now, and its reason is encrypted."""

from django.db import migrations, models
from django.db.models import F, Q

import carebase.fields
import carebase.models


class Migration(migrations.Migration):
    dependencies = [("registry", "0019_seal_referrals")]

    operations = [
        migrations.AlterField(
            "referral",
            "code",
            models.CharField(
                default=carebase.models.new_code, editable=False, max_length=10, unique=True, verbose_name="code"
            ),
        ),
        migrations.AlterField("referral", "reason", carebase.fields.EncryptedField(verbose_name="reason for the referral")),
        migrations.AddConstraint(
            "referral",
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("referred_on")),
                name="referral_dates_in_order",
                violation_error_message="The last day is before the first day.",
            ),
        ),
    ]
