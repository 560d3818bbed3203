"""Merging two files of one child, undoing a merge, and recording that two files are not duplicates.

The rows to move are found through the models' relations, so that no app's rows are forgotten. Only changed rows are
written, and every overwritten value is logged: undoing a merge restores it exactly.
"""

from collections.abc import Mapping, Set

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.audit.models import Action, build_event
from registry import identity
from registry.duplicates import agreements, finder
from registry.duplicates.file_comparison import FileComparison
from registry.duplicates.finder import MERGE_CHILD
from registry.duplicates.merge_log import MergeLog
from registry.hooks import before_merge
from registry.models import Child, DuplicateSettlement, Merge
from registry.snapshots import ChangedSince, restore_row
from registry.transfers.placement import PLACES, moved_places

NOT_MOVED = (Merge, DuplicateSettlement)  # they are about this very file


def merge_files(*, kept: Child, gone: Child, choices: Mapping[str, str], by, once: Set = frozenset()) -> Merge:
    """Merge `gone` into `kept`, and close `gone`.

    `choices` maps names of field groups (registry.duplicates.file_comparison) to "gone" where its value is taken; other
    values stay as in `kept`. The rows of `gone` in `once` (row_key) are not moved. Raise ValidationError with the
    reason, also when a file was saved since it was read.
    """
    with acting_as(by), transaction.atomic():
        now_kept, now_gone = lock_files(kept, gone, by)
        check_mergeable(now_kept, now_gone, read=(kept, gone))
        log = MergeLog()
        comparison = FileComparison(now_kept, now_gone)
        taken = [group for group in comparison.groups if choices.get(group.name) == "gone"]
        merge_children(comparison, taken, log, by)
        agreements.move_agreement(comparison, taken, log)
        merge_families(comparison, taken, log)
        paired = {row_key(comparison.right[owner]) for owner in comparison.shared}
        move_rows(now_kept, now_gone, paired | once, log)
        merge = Merge(kept=now_kept, gone=now_gone, by=by, **log.as_fields())
        merge.save()
        record_event_for(Action.CREATE, merge, now_gone)
        check_visible(merge, by)
    return merge


def undo_merge(*, merge: Merge, by) -> Merge:
    """Restore both files exactly; raise ValidationError when a value to restore was changed since."""
    with acting_as(by), transaction.atomic():
        current = Merge.objects.lock_visible_to(by, merge.pk, MERGE_CHILD)
        if current.undone_at:
            raise ValidationError(_("This merge was already undone."))
        kept, gone = lock_files(current.kept, current.gone, by)
        if kept.closing == Child.Closing.DUPLICATE:
            raise ValidationError(_("The kept file was itself merged later; undo that merge first."))
        try:
            with transaction.atomic():
                for change in reversed(current.changes):
                    restore_row(change)
        except ChangedSince as error:
            sentence = _("This can no longer be undone: someone has since changed what it would restore (%(what)s).")
            raise ValidationError(sentence % {"what": error}) from error
        except IntegrityError as error:
            raise ValidationError(
                _("This can no longer be undone: what it would restore has since changed.")
            ) from error
        current.undone_by, current.undone_at = by, timezone.now()
        current.save()
        record_event_for(Action.CHANGE, current, gone)
        check_visible(current, by)
    return current


def mark_as_different(*, one: Child, other: Child, reason: str, by) -> DuplicateSettlement:
    """Record that these are two children; raise ValidationError when somebody did so before."""
    with acting_as(by), transaction.atomic():
        first, second = sorted(lock_files(one, other, by), key=lambda child: child.pk)
        settlement = DuplicateSettlement(first=first, second=second, reason=reason, by=by)
        settlement.validate_constraints()
        settlement.save()
        record_event_for(Action.CREATE, settlement, second)
    return settlement


def lock_files(one: Child, other: Child, by) -> tuple[Child, Child]:
    """Return both rows fresh and locked, always in the same order, so that two merges cannot deadlock."""
    rows = {pk: Child.objects.lock_visible_to(by, pk, MERGE_CHILD) for pk in sorted((one.pk, other.pk))}
    return rows[one.pk], rows[other.pk]


def check_mergeable(kept: Child, gone: Child, *, read: tuple[Child, Child]) -> None:
    """Raise ValidationError when the files cannot be merged; `read` are the two as the user saw them."""
    if Child.Closing.DUPLICATE in (kept.closing, gone.closing):
        raise ValidationError(_("One of these files is already merged."))
    if (kept.version, gone.version) != tuple(child.version for child in read):
        raise stale_files_error()
    if any(child.transfers.open().exists() for child in (kept, gone)):
        raise ValidationError(
            _("One of these files is offered to another office; wait for the answer, or withdraw the offer.")
        )
    if kept.closed_on and not gone.closed_on:
        raise ValidationError(_("The file to keep is closed while the other is open; keep the open one."))


def merge_children(comparison, taken, log: MergeLog, by) -> None:
    """Copy the chosen values of the child itself, and close the other file."""
    kept, gone = comparison.left["child"], comparison.right["child"]
    log.remember(kept)
    log.remember(gone)
    names = [name for group in taken if group.owner == "child" for name in group.fields]
    check_stays(kept, gone, names, by)
    copy_fields(gone, kept, names)
    if gone.photo and not kept.photo:
        kept.photo, gone.photo = gone.photo, ""  # a photo belongs to one row, with which it is deleted
    kept.opened_on = min(kept.opened_on, gone.opened_on)
    if kept.id_number and kept.id_number == gone.id_number:
        gone.id_number, gone.id_reason = "", _("see file %(code)s") % {"code": kept.code}
    gone.closed_on, gone.closing = gone.closed_on or timezone.localdate(), Child.Closing.DUPLICATE
    gone.id_confirmed_by = gone.id_confirmed_by if gone.id_number else None
    log.save(gone)  # first, because it frees the unique ID number
    check_child(kept, by)
    log.save(kept)


def check_stays(kept: Child, gone: Child, names: list[str], by) -> None:
    """Raise ValidationError if the merge would take the child from a village, a school or a class.

    Of two offices that each have a file of the child, one loses it: only an office above both decides that.
    """
    taken = {f"{name}_id": getattr(gone, f"{name}_id") for name in PLACES if name in names}
    if moved_places(kept, taken, by):
        raise ValidationError(
            _("A merge moves no file to another village, school or class. Keep the file that is in the right place.")
        )
    remaining = {name: taken.get(name, getattr(kept, name)) for name in ("village_id", "school_id")}
    if not by.role_definition.supervises and moved_places(gone, remaining, by):
        raise ValidationError(
            _(
                "The two files belong to different villages or schools. "
                "Ask the coordinator above both to merge them, or have one file transferred first."
            )
        )


def check_child(child: Child, by) -> None:
    """Raise ValidationError unless the chosen values go together."""
    child.derive()
    child.id_number_index = finder.id_number_hash(child.id_number)  # the constraints need it before save() sets it
    problems = identity.identity_problems(child.id_number, child.sex, child.birth_date, child.id_reason)
    if wrong := [problem.message for problem in problems if problem.severity == identity.ERROR]:
        raise ValidationError(wrong)
    child.full_clean()
    identity.set_confirmed_by(child, by=by)


def merge_families(comparison, taken, log: MergeLog) -> None:
    """Copy the chosen values into the family rows that both files have."""
    for owner in comparison.shared:
        names = [name for group in taken if group.owner == owner for name in group.fields]
        row = comparison.left[owner]
        if names:
            log.remember(row)
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
    """Return the foreign keys of all models to a child, those without a reverse accessor too."""
    relations = [each for each in Child._meta.get_fields(include_hidden=True) if each.one_to_many or each.one_to_one]
    return [each.field for each in relations if each.auto_created and not issubclass(each.related_model, NOT_MOVED)]


def move_rows(kept: Child, gone: Child, paired: set, log: MergeLog) -> None:
    """Move to `kept` every row of `gone` that the constraints allow, except those that both files have (`paired`)."""
    for field in fields_to_child():
        rows = field.model._base_manager.select_for_update(of=("self",)).filter(**{field.name: gone})
        for row in rows.order_by("pk"):
            if row_key(row) in paired or not try_move(row, field.name, kept, gone, log):
                log.record_stayed(row)


def try_move(row, name: str, kept: Child, gone: Child, log: MergeLog) -> bool:
    """Point `row` to the kept file, unchanged or as a `before_merge` hook amends it; return whether that succeeded."""
    log.remember(row)
    amendments = [entry.call for entry in before_merge if entry.name == row._meta.label_lower]
    for amend in (None, *amendments):
        setattr(row, name, kept)
        if amend:
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


def record_event_for(action: Action, about, child: Child) -> None:
    """Record an action on two files in the history of the second one too."""
    event = build_event(action, about)
    event.subject = child.code
    event.save(force_insert=True)


def check_visible(merge: Merge, by) -> None:
    if not Merge.objects.permitted_to(by, MERGE_CHILD).filter(pk=merge.pk).exists():
        raise ValidationError(_("You would no longer see both files; choose a village, school and class in your area."))


def stale_files_error() -> ValidationError:
    return ValidationError(_("Someone changed one of these files in the meantime. Please check both again."))
