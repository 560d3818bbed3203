"""The way back: what one save changed is put back to what it was, as a save of its own."""

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from carebase.audit.models import Action, Event, record
from carebase.encryption.crypto import DecryptionError
from carebase.fields import BlindIndexField
from carebase.files.private import PrivateFileField
from registry.history.revisions import TOGETHER, Revision, events_of, revisions_of, value_of, version_of
from registry.models import (
    Absence,
    CategoryMembership,
    Child,
    Entrustment,
    Guardianship,
    HomeStay,
    Merge,
    Relative,
    Transfer,
)

# What has a page, a reason and a way back of its own: merging, closing and reopening.
ELSEWHERE = frozenset({"child", "closed_on", "closing"})
# What a form of the file writes, and whoever may change the file may therefore put back. A decision about closing, a
# refused carer, a referral are somebody's word, which others do not take back.
RESTORABLE = frozenset(
    model._meta.label_lower for model in (Child, Relative, Absence, HomeStay, Guardianship, CategoryMembership)
)
NOT_HELD = (BlindIndexField, PrivateFileField)  # follows from another field; a file that was replaced is gone


def find(child: Child, number: int) -> Revision | None:
    """Return the save whose newest line has this key, or None."""
    return next((save for save in revisions_of(events_of(child)) if save.last.pk == number), None)


def put_back(*, child: Child, save: Revision, by) -> None:
    """Undo what `save` wrote, in one transaction; `by` is the user who is acting, as the trail will say.

    Raises ValidationError with a sentence when something of it was changed again since, when the save began the file,
    or when an old value cannot be read any more.
    """
    try:
        check(child, save)
        with transaction.atomic():
            changes = [event for event in save.events if event.model == Child._meta.label_lower]
            for event in changes:
                undo_child(child, event)
            child.save()  # also where only the family changed: the file has a new version
            for event in save.events:
                if event not in changes:
                    undo_part(child, event)
            record(Action.CHANGE, child, detail={"put_back": save.last.at.isoformat(), "version": child.version})
    except DecryptionError as error:
        raise ValidationError(_("An old value cannot be read any more: its key was removed.")) from error
    except IntegrityError as error:
        raise ValidationError(_("What was there before does not fit the file any more.")) from error


def check(child: Child, save: Revision) -> None:
    """Raise ValidationError for a save of which the page of history could put back nothing, or only a part."""
    if child.closing == Child.Closing.DUPLICATE or any(touches_elsewhere(event) for event in save.events):
        raise ValidationError(_("Files are closed, reopened and merged on pages of their own, and undone there."))
    if any(event.model not in RESTORABLE for event in save.events):
        raise ValidationError(_("A decision or a referral that somebody wrote down is not put back here."))
    if any(set(event.changes) & {"photo"} for event in save.events if event.action == Action.CHANGE):
        raise ValidationError(_("The registry does not hold the old photo any more."))
    if part_of_more(save):
        raise ValidationError(
            _("An agreement, a transfer or a merging belongs to this change; it is corrected on a page of its own.")
        )


def touches_elsewhere(event: Event) -> bool:
    return event.action == Action.CHANGE and bool(event.changes.keys() & ELSEWHERE)


def part_of_more(save: Revision) -> bool:
    """Return whether an agreement, the answer to a transfer or a merging was written in the same moment by the same."""
    near = {"at__gte": save.events[-1].at - TOGETHER, "at__lte": save.last.at + TOGETHER}
    models = [model._meta.label_lower for model in (Entrustment, Transfer, Merge)]
    about = Event.objects.filter(subject=save.last.subject, user=save.last.user_id, model__in=models, **near)
    versions = {version_of(event) for event in save.events}
    for event in about.filter(action__in=[Action.CREATE, Action.CHANGE]):
        if event.model == Merge._meta.label_lower or "state" in event.changes and event.action == Action.CHANGE:
            return True
        if event.model == Entrustment._meta.label_lower and version_of(event) in versions:
            return True
    return False


def undo_child(child: Child, event: Event) -> None:
    if event.action != Action.CHANGE:
        raise ValidationError(_("This is how the file began. Close the file instead, if it should not be there."))
    restore(child, event)


def undo_part(child: Child, event: Event) -> None:
    """Undo what was done to a row of the family."""
    model = apps.get_model(event.model)
    if event.action == Action.DELETE:
        row = model(child=child)
        assign(row, {name: old for name, (old, _new) in event.changes.items() if name not in {"id", "child"}})
        row.full_clean()
        row.save()
        return
    try:
        row = model.objects.select_for_update().get(pk=event.object_code, child=child)
    except ObjectDoesNotExist as error:
        raise changed_since(model._meta.verbose_name) from error
    row.child = child  # with the version that the file has now
    if event.action == Action.CHANGE:
        restore(row, event)
        row.save()
    else:
        if getattr(row, "alone", False):
            raise ValidationError(_("That nobody looks after the child ends by a new guardianship only."))
        if Event.objects.filter(model=event.model, object_code=event.object_code, pk__gt=event.pk).exists():
            raise changed_since(model._meta.verbose_name)
        row.delete()


def restore(row, event: Event) -> None:
    """Give `row` the old values of `event`, provided that it still holds the new ones."""
    known = {field.name: field for field in row._meta.concrete_fields}
    fields = {name: field for name, field in known.items() if name in event.changes}  # others are of a former version
    fields = {name: field for name, field in fields.items() if not isinstance(field, NOT_HELD)}
    for name, field in fields.items():
        if getattr(row, field.attname) != value_of(field, event.changes[name][1]):
            raise changed_since(field.verbose_name)
    assign(row, {name: event.changes[name][0] for name in fields})
    row.full_clean()


def assign(row, stored: dict) -> None:
    for field in row._meta.concrete_fields:
        if field.name not in stored or isinstance(field, NOT_HELD):
            continue
        value = stored[field.name]
        empty = field.get_default() if value is None and not field.null else None
        setattr(row, field.attname, value_of(field, value) if value is not None else empty)


def changed_since(what) -> ValidationError:
    return ValidationError(_("“%(what)s” was changed again since; put back the later change first.") % {"what": what})
