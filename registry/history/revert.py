"""Reverting one revision of a file: its old values are restored in a new revision."""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from carebase.audit.models import Action, Event, record_event
from carebase.encryption.crypto import DecryptionError
from carebase.fields import from_audit_value
from registry.history.revisions import SAME_SAVE_WINDOW, Revision, event_version, file_events, group_revisions
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
from registry.snapshots import ChangedSince, restore_row
from registry.transfers.placement import check_places

# Closing, reopening and merging have pages of their own to undo them.
CLOSING_FIELDS = frozenset({"child", "closed_on", "closing"})
# What the forms of a file write, so that whoever may change the file may revert it. A decision about closing or a
# refused carer is somebody's statement, which others must not take back.
RESTORABLE = frozenset(
    model._meta.label_lower for model in (Child, Relative, Absence, HomeStay, Guardianship, CategoryMembership)
)


def find_revision(child: Child, number: int) -> Revision | None:
    """Return the revision whose newest event has this key, or None."""
    return next((each for each in group_revisions(file_events(child)) if each.last.pk == number), None)


def revert(*, child: Child, revision: Revision, by) -> None:
    """Undo a revision in one transaction.

    Raise ValidationError when one of its values was changed again since, when it created the file, when the child would
    move to another office, or when an old value cannot be decrypted any more.
    """
    try:
        check_revertible(child, revision)
        with transaction.atomic():
            own, *parts = revision_changes(child, revision)
            check_places(child, own["before"], by)
            restore_row(own, file=child, validate=True)
            for event in revision.events:
                if event.action == Action.CREATE:
                    check_created(event)
            for change in parts:
                restore_row(change, file=child, validate=True)
            detail = {"put_back": revision.last.at.isoformat(), "version": child.version}
            record_event(Action.CHANGE, child, detail=detail)
    except ChangedSince as error:
        raise changed_since_error(error) from error
    except DecryptionError as error:
        raise ValidationError(_("An old value can no longer be read: its key was removed.")) from error
    except IntegrityError as error:
        raise ValidationError(_("The earlier value no longer fits the file.")) from error


def check_revertible(child: Child, revision: Revision) -> None:
    """Raise ValidationError for a revision that could be reverted only in part, or not at all."""
    events = revision.events
    changed = {name for event in events if event.action == Action.CHANGE for name in event.changes}
    if child.closing == Child.Closing.DUPLICATE or changed & CLOSING_FIELDS:
        raise ValidationError(_("Closing, reopening and merging have their own pages; undo them there."))
    if any(event.model not in RESTORABLE for event in events):
        raise ValidationError(_("Decisions cannot be reverted here."))
    if "photo" in changed:
        raise ValidationError(_("The registry no longer has the old photo."))
    if has_related_decision(revision):
        raise ValidationError(
            _("This change is part of an agreement, a transfer or a merge; correct it on the page for that.")
        )
    if any(event.model == Child._meta.label_lower and event.action != Action.CHANGE for event in events):
        raise ValidationError(_("This is how the file was created. If the file should not exist, close it instead."))


def has_related_decision(revision: Revision) -> bool:
    """Return whether the same user wrote an agreement, the answer to a transfer or a merge at the same time."""
    last, start = revision.last, revision.events[-1].at
    times = {"at__gte": start - SAME_SAVE_WINDOW, "at__lte": last.at + SAME_SAVE_WINDOW}
    models = [model._meta.label_lower for model in (Entrustment, Transfer, Merge)]
    related = Event.objects.filter(subject=last.subject, user=last.user_id, model__in=models, **times)
    versions = {event_version(event) for event in revision.events}
    for event in related.filter(action__in=[Action.CREATE, Action.CHANGE]):
        if event.model == Merge._meta.label_lower or "state" in event.changes and event.action == Action.CHANGE:
            return True
        if event.model == Entrustment._meta.label_lower and event_version(event) in versions:
            return True
    return False


def revision_changes(child: Child, revision: Revision) -> list[dict]:
    """Return the changes in the order to restore them: the child first, so that its parts get the new version."""
    own = change_from_event(revision.last) | {"model": Child._meta.label_lower, "before": {}, "after": {}}
    parts = []
    for event in revision.events:
        if event.model != own["model"]:
            parts.append(change_from_event(event))
        elif event.changes:  # one at most, because every save of the child gets a new version
            own = change_from_event(event)
    return [own | {"pk": child.pk}, *parts]


def change_from_event(event: Event) -> dict:
    """Return an event as a change of registry.snapshots."""
    fields = {field.name: field for field in apps.get_model(event.model)._meta.concrete_fields}
    known = [(fields[name], pair) for name, pair in event.changes.items() if name in fields]
    before, after = ({field.attname: from_audit_value(field, pair[side]) for field, pair in known} for side in (0, 1))
    return {
        "model": event.model,
        "pk": event.object_code,
        "before": None if event.action == Action.CREATE else before,
        "after": None if event.action == Action.DELETE else after,
    }


def check_created(event: Event) -> None:
    """Lock a row that the revision created; raise ValidationError when it must not be deleted."""
    model = apps.get_model(event.model)
    row = model._base_manager.select_for_update(of=("self",)).filter(pk=event.object_code).first()
    if getattr(row, "alone", False):
        raise ValidationError(_("Nobody looks after the child; only a new guardianship can change that."))
    if Event.objects.filter(model=event.model, object_code=event.object_code, pk__gt=event.pk).exists():
        raise changed_since_error(model._meta.verbose_name)


def changed_since_error(what) -> ValidationError:
    return ValidationError(_("“%(what)s” was changed again later; revert the later change first.") % {"what": what})
