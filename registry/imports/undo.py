"""Undoing an import while nothing depends on it: new files are deleted, changed ones restored."""

from collections import Counter

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Count, Value
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.audit.models import Action, Event, build_event, last_values
from carebase.bulk import bulk_insert
from carebase.jobs.tasks import ProgressCallback, no_progress
from carebase.models import StaleRecord
from registry.imports.staging import delete_staged_data
from registry.imports.writer import iterate_chunks
from registry.models import Child, ImportBatch, ImportRow
from registry.sheets.comparison import IMPORT_CHILD, load_child_files
from registry.sheets.matching import CHUNK
from registry.snapshots import FAMILY_RELATIONS, ChangedSince, changes_since, restore_row


def undo_batch(*, batch: ImportBatch, by, progress: ProgressCallback = no_progress) -> None:
    """Undo a saved import in one transaction.

    Raises ValidationError naming the records that depend on it when a child of it was visited, paired or changed since,
    or when `by` does not see every child of it.
    """
    try:
        with acting_as(by), transaction.atomic():
            batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            lock_children(batch)
            if reason := undo_obstacle(batch, by):
                raise ValidationError(reason)
            removed, restored = remove_new_children(batch, progress), restore_updated(batch, by, progress)
            batch.status = ImportBatch.Status.UNDONE
            batch.counts |= {"removed": removed, "restored": restored}
            delete_staged_data(batch)
            batch.save()
    except (IntegrityError, StaleRecord, ChangedSince) as error:
        raise ValidationError(_("Other records are just being added to this import. Nothing was undone.")) from error


def undo_obstacle(batch: ImportBatch, by) -> str:
    """Return why `by` cannot undo the import, or ""."""
    if batch.status != ImportBatch.Status.SAVED:
        return _("Only an import that was saved can be undone.")
    if hidden := count_outside_scope(batch, by):
        text = _("%(count)d children of this import are outside your area, so you cannot undo it.")
        return text % {"count": hidden}
    if later := count_later_records(batch):
        listed = "、".join(f"{name} {count}" for name, count in sorted(later.items()))
        return _("This can no longer be undone because other records depend on it: %(what)s.") % {"what": listed}
    return ""


def lock_children(batch: ImportBatch) -> None:
    """Lock the new children before counting what depends on them, so that nothing is written in between and lost.

    Changed files need no lock here: `restore_updated` compares their versions under its own lock.
    """
    for _child in batch.children.select_for_update(of=("self",)).order_by("pk").only("pk").iterator(CHUNK):
        pass


def updated_rows(batch: ImportBatch):
    """Return the rows that changed an existing file; new children point to the batch themselves."""
    return batch.rows.filter(updated=True)


def count_outside_scope(batch: ImportBatch, by) -> int:
    visible = Child.objects.permitted_to(by, IMPORT_CHILD).values("pk")
    new = batch.children.exclude(pk__in=visible).count()
    return new + updated_rows(batch).exclude(child__in=visible).count()


def count_later_records(batch: ImportBatch) -> Counter:
    """Return how many records of each kind, of any app, were written about the children since the import."""
    counts = Counter()
    for model, count in count_later_events(batch):
        counts[model_name(model)] += count
    for model, count in count_related_rows(batch):
        counts[model_name(model)] = max(counts[model_name(model)], count)
    return +counts  # drops the zeros


def model_name(label: str) -> str:
    model = apps.get_model(label)
    own = model is Child or getattr(model, "part_of_file", False)
    return _("later changes") if own else str(model._meta.verbose_name)


def count_later_events(batch: ImportBatch) -> list[tuple[str, int]]:
    saved = Event.objects.filter(model=batch._meta.label_lower, object_code=batch.code, action=Action.IMPORT)
    since = saved.order_by("-pk").values_list("pk", flat=True)[:1].first() or 0
    written = Event.objects.filter(pk__gt=since, action__in=[Action.CREATE, Action.CHANGE, Action.DELETE])
    codes = Child._base_manager.filter(imported_in=batch).values("code")
    changed = Child._base_manager.filter(pk__in=updated_rows(batch).values("child")).values("code")
    written = written.filter(subject__in=codes) | written.filter(subject__in=changed)
    return list(written.order_by().values_list("model").annotate(Count("pk")))


def count_related_rows(batch: ImportBatch) -> list[tuple[str, int]]:
    """Return how many rows of each model point to the new children, in one query; family rows do not count."""
    counts = []
    for relation in Child._meta.get_fields(include_hidden=True):
        points_here = (relation.one_to_many or relation.one_to_one) and relation.auto_created
        if not points_here or relation.related_model is ImportRow or relation.name in FAMILY_RELATIONS:
            continue
        model = relation.related_model
        rows = model._base_manager.filter(**{f"{relation.field.name}__imported_in": batch}).order_by()
        label = Value(model._meta.label_lower, output_field=CharField())
        counts.append(rows.annotate(which=label).values("which").annotate(n=Count("pk")).values_list("which", "n"))
    return list(counts[0].union(*counts[1:], all=True)) if counts else []


def remove_new_children(batch: ImportBatch, progress: ProgressCallback) -> int:
    """Delete the children that the import registered, in chunks, each row with its audit event; return how many."""
    done, total = 0, batch.children.count()
    while children := list(batch.children.select_for_update(of=("self",)).order_by("pk")[:CHUNK]):
        by_key = {child.pk: child for child in children}
        for name in FAMILY_RELATIONS:
            model = Child._meta.get_field(name).related_model
            rows = list(model._base_manager.filter(child__in=by_key).order_by("pk"))
            for row in rows:
                row.child = by_key[row.child_id]
            delete_rows(model, rows)
        ImportRow.objects.filter(child__in=by_key).update(child=None)
        delete_rows(Child, children)
        done += len(children)
        progress(done, total)
    return done


def delete_rows(model, rows: list) -> None:
    """Delete rows in one query and write the audit event that deleting each would write."""
    events = [build_event(Action.DELETE, row, changes=last_values(row), detail=row.audit_detail()) for row in rows]
    model._base_manager.filter(pk__in=[row.pk for row in rows])._raw_delete(connection.alias)
    bulk_insert(events)


def restore_updated(batch: ImportBatch, by, progress: ProgressCallback) -> int:
    """Restore the files that the import changed; return how many."""
    restored, total = 0, updated_rows(batch).count()
    for rows in iterate_chunks(updated_rows(batch)):
        files = load_child_files({row.child_id for row in rows}, by, lock=True)
        for row in rows:
            child = files[row.child_id].child
            if child.version != row.version:
                raise StaleRecord(child.code)
            for change in changes_since(child, row.before):
                restore_row(change, file=child)
        restored += len(rows)
        progress(restored, total)
    return restored
