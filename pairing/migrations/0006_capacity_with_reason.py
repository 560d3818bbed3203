from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pairing", "0005_note_missing_reason")]

    operations = [
        migrations.AddConstraint(
            model_name='carer',
            constraint=models.CheckConstraint(condition=models.Q(('capacity__lte', 3), models.Q(('capacity_reason', ''), _negated=True), _connector='OR'), name='carer_capacity_with_reason', violation_error_message='Give the reason for more than three children.'),
        ),
    ]
