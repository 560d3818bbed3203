"""What counsellors wrote moves from the visits to notes of its own, encrypted; back again, it is plain as before."""

from django.db import migrations

WORDS = ("met", "observed", "said", "advice")
COUNSELLOR = "counsellor"


def move(apps, schema_editor):
    visits, notes = models(apps)
    for visit in visits.filter(by__role=COUNSELLOR, counselling=False).iterator():
        notes.create(visit=visit, **{name: getattr(visit, name) for name in WORDS})
        visits.filter(pk=visit.pk).update(counselling=True, **dict.fromkeys(WORDS, ""))


def move_back(apps, schema_editor):
    visits, notes = models(apps)
    for note in notes.iterator():
        visits.filter(pk=note.visit_id).update(counselling=False, **{name: getattr(note, name) for name in WORDS})
    notes.all().delete()


def models(apps):
    return (apps.get_model("visits", name)._base_manager for name in ("Visit", "CounsellingNote"))


class Migration(migrations.Migration):
    dependencies = [("visits", "0003_counselling_notes")]
    operations = [migrations.RunPython(move, move_back)]
