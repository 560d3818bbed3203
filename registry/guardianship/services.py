"""Beginning and updating a guardianship, refused carers, and the scan of the agreement.

A child has at most one present guardianship, and that at most one agreement. Every write locks the child and increments
its version, so that nobody overwrites what they have not seen.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.files import pictures, private
from carebase.models import StaleRecord
from registry.models import CarerRefusal, Child, Entrustment, Guardianship
from registry.models.entrustment import Ground

CHANGE = "registry.change_guardianship"
FACT_FIELDS = ("starts_on", "entrusted", "alone", "found_on", "name", "relation", "phone", "id_number", "address")
ASSESSMENT_FIELDS = ("assessment", "assessed_on", "assessment_reason")
AGREEMENT_FIELDS = (
    *("reasons", *Ground.values, "opinion", "opinion_words", "term_from", "term_to", "handed_over_on", "taken_back_on"),
    *("signed_on", "by_phone", "school_told_on", "village_told_on", "review_on", "ended_on", "ending"),
)


def begin_guardianship(*, child: Child, version: int, values: dict, agreement: bool, by) -> Guardianship:
    """Save a new present guardianship; the previous one ends on its first day.

    `values` holds FACT_FIELDS, ASSESSMENT_FIELDS and, with `agreement`, AGREEMENT_FIELDS. Raise ValidationError with
    the reason, StaleRecord when the file was saved since `version`.
    """
    with acting_as(by), transaction.atomic():
        child = lock_file(child, version, by)
        row = Guardianship(child=child)
        set_facts(row, values, by)
        if previous := present_guardianship(child):
            if row.starts_on < previous.starts_on:
                raise too_early_error(previous)
            previous.ends_on = row.starts_on
            previous.save()
        return save_guardianship(row, values, agreement)


def update_guardianship(*, child: Child, version: int, values: dict, agreement: bool, by) -> Guardianship:
    """Complete or correct the present guardianship; arguments and errors as in `begin_guardianship`."""
    with acting_as(by), transaction.atomic():
        child = lock_file(child, version, by)
        row = present_guardianship(child)
        if row is None:
            raise ValidationError(_("Nobody is recorded as looking after the child; start a new guardianship."))
        was_alone = row.alone
        set_facts(row, values, by)
        if row.alone != was_alone:
            raise ValidationError(_("Only a new guardianship can change whether the child lives alone."))
        if not row.entrusted and hasattr(row, "entrustment"):
            raise ValidationError(_("This guardianship has an agreement with a carer; start a new one instead."))
        return save_guardianship(row, values, agreement)


def lock_file(child: Child, version: int, by) -> Child:
    """Return the child locked and with a new version; raise StaleRecord when `version` is not the last."""
    current = Child.objects.lock_visible_to(by, child.pk, CHANGE)
    if current.version != version:
        raise StaleRecord(current.code)
    if current.closed_on:
        raise ValidationError(_("The child's file is closed; reopen it before you edit it."))
    current.save()
    return current


def present_guardianship(child: Child) -> Guardianship | None:
    row = child.guardianships.filter(ends_on=None).select_related("entrustment").first()
    if row:
        row.child = child
    return row


def present_agreement(child: Child) -> Entrustment | None:
    return getattr(present_guardianship(child), "entrustment", None)


def too_early_error(row: Guardianship) -> ValidationError:
    words = _("This guardianship cannot start before %(day)s, when an earlier one began.") % {"day": row.starts_on}
    return ValidationError({"starts_on": words})


def set_facts(row: Guardianship, values: dict, by) -> None:
    """Set the facts and the assessment; whoever changes the assessment is its author."""
    before = [getattr(row, name) for name in ASSESSMENT_FIELDS]
    for name in (*FACT_FIELDS, *ASSESSMENT_FIELDS):
        setattr(row, name, values[name])
    if not row.assessment:
        row.assessed_on, row.assessed_by, row.assessment_reason = None, None, ""
    elif before != [getattr(row, name) for name in ASSESSMENT_FIELDS]:
        row.assessed_on = row.assessed_on or timezone.localdate()
        row.assessed_by = by


def save_guardianship(row: Guardianship, values: dict, agreement: bool) -> Guardianship:
    check_start_date(row)
    row.full_clean()
    row.save()
    if agreement and row.entrusted:
        entrustment = getattr(row, "entrustment", None) or Entrustment(guardianship=row)
        for name in AGREEMENT_FIELDS:
            setattr(entrustment, name, values[name])
        entrustment.full_clean()
        entrustment.save()
    return row


def check_start_date(row: Guardianship) -> None:
    """Raise ValidationError for a first day before the child's birth or before the end of another guardianship."""
    if row.starts_on < row.child.birth_date:
        raise ValidationError({"starts_on": _("The first day is before the child was born.")})
    others = row.child.guardianships.exclude(pk=row.pk)
    if later := others.filter(starts_on__gt=row.starts_on).order_by("-starts_on").first():
        raise too_early_error(later)
    if last := others.filter(ends_on__gt=row.starts_on).order_by("-ends_on").first():
        words = _("This guardianship cannot start before %(day)s, when an earlier one ended.") % {"day": last.ends_on}
        raise ValidationError({"starts_on": words})


def refuse_carer(*, child: Child, name: str, grounds: list[str], by) -> CarerRefusal:
    """Record that `name` was refused as carer on these grounds, once a day however often the form is sent."""
    with acting_as(by), transaction.atomic():
        child = Child.objects.lock_visible_to(by, child.pk, CHANGE)
        for row in child.carer_refusals.filter(refused_on=timezone.localdate()):
            if row.name == name and set(row.grounds) == set(grounds):
                return row
        return CarerRefusal.objects.create(child=child, name=name, grounds=grounds, refused_by=by)


def store_scan(*, child: Child, data: bytes, by) -> Entrustment:
    """Replace the scan of the present agreement; raise ValidationError when there is none or `data` is unusable."""
    return replace_scan(child, private.store(**pictures.convert_scan(data)), by)


def remove_scan(*, child: Child, by) -> Entrustment:
    return replace_scan(child, "", by)


def replace_scan(child: Child, name: str, by) -> Entrustment:
    with acting_as(by), transaction.atomic():
        entrustment = present_agreement(Child.objects.lock_visible_to(by, child.pk, CHANGE))
        if entrustment is None:
            raise ValidationError(_("There is no agreement yet; record it first."))
        private.remove_on_commit(entrustment.scan)
        entrustment.scan = name
        entrustment.save()
    return entrustment
