"""Putting two files of one child together, undoing it, and settling that they are the files of two children.

Whatever points to the file that goes is found in the models themselves, so that no app's rows are forgotten. Every
value that is overwritten is kept, and only changed rows are written: that is what makes the undoing exact.
"""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.audit.models import Action, build_event
from registry import identity
from registry.duplicates import agreements, file_comparison, finder
from registry.duplicates.merge_log import MergeLog
from registry.hooks import before_merge
from registry.models import Child, DuplicateSettlement, Merge
from registry.snapshots import ChangedSince, restore_row

NOT_MOVED = (Merge, DuplicateSettlement)  # what is said about a file is not moved with it


def merge_files(*, kept: Child, gone: Child, choices: Mapping[str, str], by) -> Merge:
    """Put `gone` into `kept` and close it; return the record of it.

    `choices` names, by group of registry.duplicates.comparing, what is taken from "gone"; all else stays as `kept` has
    it. Raise ValidationError with the reason, also when one of the files was saved since it was read.
    """
    with acting_as(by), transaction.atomic():
        now_kept, now_gone = lock_files(kept, gone, by)
        check_mergeable(now_kept, now_gone, read=(kept, gone))
        log = MergeLog()
        comparison = file_comparison.FileComparison(now_kept, now_gone)
        taken = [group for group in comparison.groups if choices.get(group.name) == "gone"]
        merge_children(comparison, taken, log, by)
        agreements.move_agreement(comparison, taken, log)
        merge_families(comparison, taken, log)
        paired = {
            row_key(comparison.right[owner])
            for owner in file_comparison.shared_owners(comparison.left, comparison.right)
        }
        move_rows(now_kept, now_gone, paired, log)
        made = Merge(kept=now_kept, gone=now_gone, by=by, **log.as_fields())
        made.save()
        record_event_for(Action.CREATE, made, now_gone)
        check_visible(made, by)
    return made


def undo_merge(*, merge: Merge, by) -> Merge:
    """Restore both files exactly; raise ValidationError when what would be restored was changed since."""
    with acting_as(by), transaction.atomic():
        current = Merge.objects.lock_visible_to(by, merge.pk)
        if current.undone_at:
            raise ValidationError(_("This merging was undone already."))
        kept, gone = lock_files(current.kept, current.gone, by)
        if kept.closing == Child.Closing.DUPLICATE:
            raise ValidationError(_("The file that stayed was itself merged since; undo that merging first."))
        try:
            with transaction.atomic():
                for change in reversed(current.changes):
                    restore_row(change)
        except ChangedSince as error:
            sentence = _("It cannot be undone any more: since then somebody changed what it would restore (%(what)s).")
            raise ValidationError(sentence % {"what": error}) from error
        except IntegrityError as error:
            raise ValidationError(
                _("It cannot be undone any more: what it would restore was changed since.")
            ) from error
        current.undone_by, current.undone_at = by, timezone.now()
        current.save()
        record_event_for(Action.CHANGE, current, gone)
        check_visible(current, by)
    return current


def mark_as_different(*, one: Child, other: Child, reason: str, by) -> DuplicateSettlement:
    """Write down that these are two children; raise ValidationError when somebody did so before."""
    with acting_as(by), transaction.atomic():
        first, second = sorted(lock_files(one, other, by), key=lambda child: child.pk)
        settlement = DuplicateSettlement(first=first, second=second, reason=reason, by=by)
        settlement.validate_constraints()
        settlement.save()
        record_event_for(Action.CREATE, settlement, second)
    return settlement


def lock_files(one: Child, other: Child, by) -> tuple[Child, Child]:
    """Return both rows anew, locked always in the same order, so that two mergings do not wait for each other."""
    rows = {pk: Child.objects.lock_visible_to(by, pk) for pk in sorted((one.pk, other.pk))}
    return rows[one.pk], rows[other.pk]


def check_mergeable(kept: Child, gone: Child, *, read: tuple[Child, Child]) -> None:
    """Raise ValidationError where these two cannot be merged as they were read."""
    if Child.Closing.DUPLICATE in (kept.closing, gone.closing):
        raise ValidationError(_("One of these files was merged already."))
    if (kept.version, gone.version) != tuple(child.version for child in read):
        raise stale_files_error()
    if any(child.transfers.open().exists() for child in (kept, gone)):
        raise ValidationError(
            _("One of these files is offered to another office; wait for the answer, or withdraw it.")
        )
    if kept.closed_on and not gone.closed_on:
        raise ValidationError(_("The file that stays is closed while the other is open; let the open one stay."))


def merge_children(comparison, taken, log: MergeLog, by) -> None:
    """Let the kept file have the chosen values of the child itself, and close the other."""
    kept, gone = comparison.left["child"], comparison.right["child"]
    log.begin(kept)
    log.begin(gone)
    copy_fields(gone, kept, [name for group in taken if group.owner == "child" for name in group.fields])
    if gone.photo and not kept.photo:
        kept.photo, gone.photo = gone.photo, ""  # one row alone names a file, for it leaves with that row
    if kept.id_number and kept.id_number == gone.id_number:
        gone.id_number, gone.id_reason = "", _("kept in file %(code)s") % {"code": kept.code}
    gone.closed_on, gone.closing = gone.closed_on or timezone.localdate(), Child.Closing.DUPLICATE
    gone.id_confirmed_by = gone.id_confirmed_by if gone.id_number else None
    log.save(gone)  # first, for it gives the number free
    check_child(kept, by)
    log.save(kept)


def check_child(child: Child, by) -> None:
    """Raise ValidationError unless the chosen values go together."""
    child.derive()
    child.id_number_index = finder.id_number_hash(child.id_number)  # asked by the constraints before save() makes it
    problems = identity.identity_problems(child.id_number, child.sex, child.birth_date, child.id_reason)
    if wrong := [problem.message for problem in problems if problem.severity == identity.ERROR]:
        raise ValidationError(wrong)
    child.full_clean()
    identity.set_confirmed_by(child, by=by)


def merge_families(comparison, taken, log: MergeLog) -> None:
    """Let the rows of the family that both files have take the chosen values; the others' own rows stay as they are."""
    for owner in file_comparison.shared_owners(comparison.left, comparison.right):
        names = [name for group in taken if group.owner == owner for name in group.fields]
        row = comparison.left[owner]
        if names:
            log.begin(row)
            copy_fields(comparison.right[owner], row, names)
            row.child = comparison.left["child"]
            row.full_clean()
            log.save(row)


def copy_fields(source, target, names) -> None:
    for name in names:
        attname = source._meta.get_field(name).attname
        setattr(target, attname, getattr(source, attname))


def row_key(row) -> tuple[str, int]:
    return row._meta.label_lower, row.pk


def fields_to_child():
    """Return the fields of all models that point to a child, hidden ones too."""
    relations = Child._meta.get_fields(include_hidden=True)
    ways = [relation for relation in relations if relation.one_to_many or relation.one_to_one]
    return [way.field for way in ways if way.auto_created and not issubclass(way.related_model, NOT_MOVED)]


def move_rows(kept: Child, gone: Child, paired: set, log: MergeLog) -> None:
    """Let every row of `gone` follow to `kept` that may, apart from those that both files had."""
    for field in fields_to_child():
        rows = field.model._base_manager.select_for_update(of=("self",)).filter(**{field.name: gone})
        for row in rows.order_by("pk"):
            if row_key(row) in paired or not try_move(row, field.name, kept, gone, log):
                log.stay(row)


def try_move(row, name: str, kept: Child, gone: Child, log: MergeLog) -> bool:
    """Try to point `row` to the kept file, as it is or as its app amends it; return whether that was possible."""
    log.begin(row)
    amendments = [entry.call for entry in before_merge if entry.name == row._meta.label_lower]
    for amend in (leave_unchanged, *amendments):
        setattr(row, name, kept)
        amend(row)
        try:
            row.validate_unique()
            row.validate_constraints()
            with transaction.atomic():
                log.save(row, moved=True)
            return True
        except (ValidationError, IntegrityError):
            setattr(row, name, gone)
    return False


def leave_unchanged(row) -> None:
    """Change nothing."""


def record_event_for(action: Action, about, child: Child) -> None:
    """Leave the line of what was done to two files in the other file's history too."""
    event = build_event(action, about)
    event.subject = child.code
    event.save(force_insert=True)


def check_visible(merge: Merge, by) -> None:
    if not Merge.objects.visible_to(by).filter(pk=merge.pk).exists():
        raise ValidationError(
            _("You would no longer see both files; choose the village, school and class of your office.")
        )


def stale_files_error() -> ValidationError:
    return ValidationError(_("Somebody changed one of these files meanwhile. Please look at both again."))
