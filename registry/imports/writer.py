"""Saving what a preview holds: new files, and changes in those that there are; in one transaction, or nothing."""

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
from registry.imports.staging import lock_unsaved
from registry.models import Absence, Child, Guardianship, ImportBatch, ImportFile, ImportRow, Relative, SchoolClass
from registry.sheets.comparison import (
    CHILD_COLUMNS,
    as_stored,
    find_changes,
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

    Returns how many children were registered; the counts of the batch tell the rest. Raises ValidationError when rows
    have problems and `valid_rows` does not allow to leave them out, or when the preview was saved or cancelled.
    A child registered, or a file changed, since the preview is such a problem too.
    """
    try:
        with acting_as(by), transaction.atomic():
            return BatchWriter(lock_unsaved(batch), by, valid_rows, progress).run()
    except (IntegrityError, StaleRecord) as error:  # of two who write at one moment the later is told so
        raise ValidationError(conflict_message()) from error


def conflict_message() -> str:
    return _("Some of these children were changed or registered meanwhile. Nothing was saved; read the file again.")


class BatchWriter:
    """One save of a batch: what it wrote, and the rows that it had to leave out."""

    def __init__(self, batch: ImportBatch, by, valid_rows: bool, progress: ProgressCallback):
        self.batch, self.by, self.valid_rows, self.progress = batch, by, valid_rows, progress
        self.made, self.updated, self.late = 0, [], 0
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
        self.check_reach()
        self.finish(problems + self.late)
        return self.made

    def finish(self, problems: int) -> None:
        batch = self.batch
        batch.status = ImportBatch.Status.SAVED
        batch.counts |= {"registered": self.made, "updated": len(self.updated), Status.PROBLEM: problems}
        batch.save()
        if not problems:  # the rows with problems are given back in the file that was sent
            ImportFile.objects.filter(batch=batch).delete()
        detail = {"rows": self.made, "updated": len(self.updated), "refused": problems}
        record_event(Action.IMPORT, batch, detail=detail | {"sha256": batch.file_hash, "term": batch.term.slug})

    def tell(self) -> None:
        self.progress(self.made + len(self.updated) + self.late, self.total)

    def exclude_row(self, row: ImportRow, why: str) -> None:
        """Leave out a row that was sound when it was previewed; raise ValidationError where all or nothing is saved."""
        if not self.valid_rows:
            raise ValidationError(_("Row %(row)d: %(why)s Nothing was saved.") % {"row": row.number, "why": why})
        self.late += 1
        self.batch.counts[row.status] -= 1
        row.status, row.notes = Status.PROBLEM, [*row.notes, ["", why, "error"]]
        row.save(update_fields=["status", "notes"])

    def register(self, rows: list[ImportRow]) -> None:
        """Write new children with their families."""
        values = [parse_stored_values(row.values) for row in rows]
        known, like = (
            find_registered(values, but=self.batch),
            find_possible_matches(values, but=self.batch, twins=False),
        )
        fresh = []
        for row, given, other in zip(rows, values, like, strict=True):
            if known.same(given) or (other and row.status == Status.NEW):
                self.exclude_row(row, _("This child was registered meanwhile. Read the file again."))
            else:
                fresh.append(given)
        register_children(fresh, self.batch, self.school)
        self.made += len(fresh)
        self.tell()

    def update(self, rows: list[ImportRow]) -> None:
        """Write what the rows change in the files of their children, as it was previewed."""
        files = load_child_files({row.child_id for row in rows}, self.by, lock=True)
        for row in rows:
            file = files.get(row.child_id)
            if why := self.stale(row, file):
                self.exclude_row(row, why)
                continue
            row.before = take_snapshot(file.child)
            write_changes(file, row.changes, by=self.by, on=self.batch.reported_on)
            row.version, row.updated = file.child.version, True
            row.save(update_fields=["before", "version", "updated"])
            self.updated.append(file.child.pk)
        self.tell()

    @staticmethod
    def stale(row: ImportRow, file: ChildFile | None) -> str:
        """Return why a row cannot be written as it was previewed, or ""."""
        if file is None or file.child.version != row.version:
            return _("The file of this child was changed since the preview. Read the file again.")
        if as_stored(find_changes(file, parse_stored_values(row.values))) != row.changes:
            return _("The family of this child was changed since the preview. Read the file again.")
        return find_contradiction(file, row.changes)

    def check_reach(self) -> None:
        """Refuse what whoever saves it would not see any more."""
        mine = Child.objects.visible_to(self.by)
        seen = mine.filter(imported_in=self.batch).count()
        for start in range(0, len(self.updated), CHUNK):
            seen += mine.filter(pk__in=self.updated[start : start + CHUNK]).count()
        if seen != self.made + len(self.updated):
            raise ValidationError(_("Some of these children would lie outside your own office; nothing was saved."))


def iterate_chunks(rows):
    """Give the rows some at a time, in their order; they may be written meanwhile."""
    last = 0
    while part := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = part[-1].pk
        yield part


def register_children(values: list[dict], batch: ImportBatch, school: int | None) -> None:
    classes = SchoolClass.objects.select_related("school").in_bulk({given.get("school_class") for given in values})
    children = [build_child(given, batch, school, classes) for given in values]
    Child.objects.insert(children)
    relatives: list[Relative] = []
    absences: list[Absence] = []
    guardianships: list[Guardianship] = []
    for child, given in zip(children, values, strict=True):
        families = build_family(child, given, on=batch.reported_on)
        for rows_of, made in zip((relatives, absences, guardianships), families, strict=True):
            rows_of += made
    bulk_insert(relatives)
    bulk_insert(absences)
    bulk_insert(guardianships)


def build_child(values: dict, batch: ImportBatch, school: int | None, classes: dict[int, SchoolClass]) -> Child:
    own = {column: values[name] for name, column in CHILD_COLUMNS.items() if values.get(name) is not None}
    child = Child(**{"school_id": school} | own, imported_in=batch)
    child.school_class = classes.get(child.school_class_id)
    child.disability, child.disability_grade = values.get("disability") or ("", None)
    child.derive()
    return child
