"""Saving a preview: new children and changed files, in one transaction or not at all."""

from itertools import chain

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carebase.audit.context import acting_as
from carebase.audit.models import Action, record_event
from carebase.bulk import bulk_insert
from carebase.jobs.tasks import ProgressCallback, no_progress
from carebase.models import StaleRecord
from registry.access import scope_of
from registry.child_file import ChildFile, build_family
from registry.imports.classification import find_permitted_changes
from registry.imports.staging import lock_unsaved
from registry.models import Child, ImportBatch, ImportFile, ImportRow, SchoolClass
from registry.sheets.comparison import (
    CHILD_COLUMNS,
    IMPORT_CHILD,
    as_stored,
    find_contradiction,
    load_child_files,
    parse_stored_values,
    write_changes,
)
from registry.sheets.matching import CHUNK, find_possible_matches, find_registered
from registry.snapshots import take_snapshot

Status, Decision = ImportRow.Status, ImportRow.Decision
TO_REGISTER = Q(status=Status.NEW) | Q(status=Status.DUPLICATE, decision=Decision.OTHER)
TO_UPDATE = Q(status=Status.CHANGED) | Q(status=Status.DUPLICATE, decision=Decision.SAME)


def save_batch(*, batch: ImportBatch, by, valid_rows: bool = False, progress: ProgressCallback = no_progress) -> int:
    """Register the new children of a preview and update the changed files in one transaction.

    Returns how many children were registered; further counts stand in the batch. Raises ValidationError when the
    preview was saved or cancelled, or when rows have problems and `valid_rows` does not allow leaving them out. A child
    registered or a file changed since the preview is such a problem too.
    """
    try:
        with acting_as(by), transaction.atomic():
            return BatchWriter(lock_unsaved(batch), by, valid_rows, progress).run()
    except (IntegrityError, StaleRecord) as error:  # two users wrote at once: the later one fails
        text = _("Some children were changed or registered in the meantime. Nothing was saved; read the file again.")
        raise ValidationError(text) from error


class BatchWriter:
    """One save of a batch: what it has written, and the rows that it had to leave out."""

    def __init__(self, batch: ImportBatch, by, valid_rows: bool, progress: ProgressCallback):
        self.batch, self.by, self.valid_rows, self.progress = batch, by, valid_rows, progress
        self.registered, self.updated, self.excluded = 0, [], 0
        self.school = next(iter(scope_of(by).offices.schools), None)

    def run(self) -> int:
        batch = self.batch
        if batch.status != ImportBatch.Status.PREVIEW:
            raise ValidationError(_("The file is still being read."))
        problems = batch.rows.filter(status=Status.PROBLEM).count()
        if problems and not self.valid_rows:
            text = ngettext(
                "%(count)d row has a problem; nothing was saved.",
                "%(count)d rows have problems; nothing was saved.",
                problems,
            )
            raise ValidationError(text % {"count": problems})
        self.total = batch.rows.filter(TO_REGISTER | TO_UPDATE).count()
        for rows in iterate_chunks(batch.rows.filter(TO_REGISTER)):
            self.register(rows)
        for rows in iterate_chunks(batch.rows.filter(TO_UPDATE)):
            self.update(rows)
        self.check_scope()
        self.finish(problems + self.excluded)
        return self.registered

    def finish(self, problems: int) -> None:
        batch = self.batch
        batch.status = ImportBatch.Status.SAVED
        batch.counts |= {"registered": self.registered, "updated": len(self.updated), Status.PROBLEM: problems}
        batch.save()
        if not problems:  # rows with problems are returned in a copy of the file
            ImportFile.objects.filter(batch=batch).delete()
        detail = {"rows": self.registered, "updated": len(self.updated), "refused": problems}
        record_event(Action.IMPORT, batch, detail=detail | {"sha256": batch.file_hash, "term": batch.term.slug})

    def report_progress(self) -> None:
        self.progress(self.registered + len(self.updated) + self.excluded, self.total)

    def exclude_row(self, row: ImportRow, why: str) -> None:
        """Turn a valid row into a problem; raise ValidationError unless problems may be left out."""
        if not self.valid_rows:
            raise ValidationError(_("Row %(row)d: %(why)s Nothing was saved.") % {"row": row.number, "why": why})
        self.excluded += 1
        self.batch.counts[row.status] -= 1
        row.status, row.notes = Status.PROBLEM, [*row.notes, ["", why, "error"]]
        row.save(update_fields=["status", "notes"])

    def register(self, rows: list[ImportRow]) -> None:
        values = [parse_stored_values(row.values) for row in rows]
        registered = find_registered(values, excluding=self.batch)
        possible = find_possible_matches(values, excluding=self.batch, twins=False)
        new = []
        for row, row_values, match in zip(rows, values, possible, strict=True):
            if registered.find_certain(row_values) or (match and row.status == Status.NEW):
                self.exclude_row(row, _("This child was registered in the meantime. Read the file again."))
            else:
                new.append(row_values)
        register_children(new, self.batch, self.school)
        self.registered += len(new)
        self.report_progress()

    def update(self, rows: list[ImportRow]) -> None:
        files = load_child_files({row.child_id for row in rows}, self.by, lock=True)
        for row in rows:
            file = files.get(row.child_id)
            if reason := self.stale_reason(row, file):
                self.exclude_row(row, reason)
                continue
            row.before = take_snapshot(file.child)
            write_changes(file, row.changes, by=self.by, on=self.batch.reported_on)
            row.version, row.updated = file.child.version, True
            row.save(update_fields=["before", "version", "updated"])
            self.updated.append(file.child.pk)
        self.report_progress()

    def stale_reason(self, row: ImportRow, file: ChildFile | None) -> str:
        """Return why a row cannot be written as previewed, or ""."""
        if file is None or file.child.version != row.version:
            return _("The file of this child was changed since the preview. Read the file again.")
        changes, _moved = find_permitted_changes(file, parse_stored_values(row.values), self.by)
        if as_stored(changes) != row.changes:
            return _("The family of this child was changed since the preview. Read the file again.")
        return find_contradiction(file, row.changes)

    def check_scope(self) -> None:
        """Refuse the save if its user could not see one of the saved children afterwards."""
        visible = Child.objects.permitted_to(self.by, IMPORT_CHILD)
        count = visible.filter(imported_in=self.batch).count()
        for start in range(0, len(self.updated), CHUNK):
            count += visible.filter(pk__in=self.updated[start : start + CHUNK]).count()
        if count != self.registered + len(self.updated):
            raise ValidationError(_("Some of these children would be outside your area; nothing was saved."))


def iterate_chunks(rows):
    """Yield the rows in chunks, by key; they may be updated meanwhile."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        yield chunk


def register_children(values: list[dict], batch: ImportBatch, school: int | None) -> None:
    classes = SchoolClass.objects.select_related("school").in_bulk({row.get("school_class") for row in values})
    children = [build_child(row, batch, school, classes) for row in values]
    Child.objects.insert(children)
    families = [build_family(child, row, on=batch.reported_on) for child, row in zip(children, values, strict=True)]
    for rows in zip(*families, strict=True):  # the relatives of all children, then the absences, the guardianships
        bulk_insert(list(chain.from_iterable(rows)))


def build_child(values: dict, batch: ImportBatch, school: int | None, classes: dict[int, SchoolClass]) -> Child:
    own = {column: values[name] for name, column in CHILD_COLUMNS.items() if values.get(name) is not None}
    child = Child(**{"school_id": school} | own, imported_in=batch)
    child.school_class = classes.get(child.school_class_id)
    child.disability, child.disability_grade = values.get("disability") or ("", None)
    child.derive()
    return child
