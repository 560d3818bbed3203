"""Limits that a spreadsheet must keep before a parser sees it (size, ratio, shape, passwords); SheetError otherwise."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from django.utils.translation import gettext as _

MEBI = 1024 * 1024
MAX_FILE_SIZE = 20 * MEBI
MAX_UNPACKED_SIZE = 200 * MEBI
MAX_RATIO = 200  # a full real workbook packs about 11 to 1, a bomb about 1,000 to 1
MAX_ENTRIES = 1_000
MAX_SHEETS = 100
MAX_ROWS = 50_000  # of one sheet
MAX_COLUMNS = 256
MAX_CELLS = 1_000_000  # of one file, counted from A1 to the last filled cell: the parser holds blanks in memory too
MAX_TEXT = 20_000_000  # characters of one file, a shared text counted as often as it is used
MAX_MERGED = 20_000  # merged ranges of one sheet

_LETTERS = re.compile("[A-Za-z]{1,3}")
_CORE_PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_CHUNK = 256 * 1024
UNREADABLE = (expat.ExpatError, zlib.error, struct.error, ValueError, LookupError)


class SheetError(ValueError):
    """A file that cannot be read; the message is a translated sentence for the person who chose the file."""


@dataclass
class SheetShape:
    """Size of a sheet from A1, its formulas by (row, column), number of merged ranges, column widths."""

    rows: int = 0
    columns: int = 0
    merged: int = 0
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)  # in characters, by column


class Budget:
    """Counts cells and characters over all sheets of one file, and refuses the file that has too many."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.characters = 0
        self.cells = 0

    def text(self, length: int) -> None:
        self.characters += length
        if self.characters > MAX_TEXT:
            raise SheetError(_("%(name)s holds too much text. Please split it into smaller files.") % vars(self))

    def area(self, rows: int, columns: int, title: str = "") -> None:
        """Add one sheet of `rows` × `columns`, 1-based."""
        values = {"name": self.name, "sheet": title or self.name, "rows": MAX_ROWS, "columns": MAX_COLUMNS}
        if rows > MAX_ROWS:
            raise SheetError(
                _("%(name)s, sheet “%(sheet)s”: there are more than %(rows)d rows. Please split it.") % values
            )
        if columns > MAX_COLUMNS:
            raise SheetError(
                _("%(name)s, sheet “%(sheet)s”: there are more than %(columns)d columns. Please delete the rest.")
                % values
            )
        self.cells += rows * columns
        if self.cells > MAX_CELLS:
            raise SheetError(
                _(
                    "%(name)s, sheet “%(sheet)s”: the table is too large. Please delete empty rows and columns "
                    "around it, or split it into smaller files."
                )
                % values
            )


def broken_file_error(name: str) -> SheetError:
    return SheetError(
        _("%(name)s is damaged and cannot be read. Please open it in Excel or WPS, save it again as .xlsx and retry.")
        % {"name": name}
    )


def too_large_error(name: str) -> SheetError:
    """For a file over MAX_FILE_SIZE, or one that unpacks to far more than it seems."""
    return SheetError(
        _("%(name)s is too large: at most %(limit)d MB can be read. Please split it into smaller files.")
        % {"name": name, "limit": MAX_FILE_SIZE // MEBI}
    )


def locked_file_error(name: str) -> SheetError:
    return SheetError(_("%(name)s is protected by a password. Please save it without a password.") % {"name": name})


def not_a_sheet_error(name: str) -> SheetError:
    """For pictures, letters, web pages: anything that is no table."""
    return SheetError(
        _("%(name)s is not a spreadsheet. Please save the table as .xlsx, .xls or .csv and choose that file.")
        % {"name": name}
    )


def copy_checked_xlsx(name: str, data: bytes) -> tuple[bytes, list[SheetShape | None]]:
    """Return a copy of an XLSX with only the checked parts, and each sheet's shape in order (None for a chart).

    The parser gets the copy, so a second directory or a false size in the archive cannot show it other bytes.
    """
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(copy, "w", compresslevel=1) as target:
            _check_entries(name, source.infolist(), len(data))
            shapes = _XlsxCopier(name, source, target).check()
    except SheetError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, *UNREADABLE) as error:
        raise broken_file_error(name) from error
    return copy.getvalue(), shapes


def _check_entries(name: str, entries: list[zipfile.ZipInfo], size: int) -> None:
    names = {entry.filename.lower() for entry in entries}
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise locked_file_error(name)
    if not names.issuperset(_CORE_PARTS):
        raise not_a_sheet_error(name)
    if len(entries) > MAX_ENTRIES or len(names) < len(entries):
        raise broken_file_error(name)
    if sum(entry.compress_size for entry in entries) > size:  # parts that share their bytes: an overlapping bomb
        raise broken_file_error(name)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_SIZE or unpacked > MAX_RATIO * max(size, 1):
        raise too_large_error(name)


class _XlsxCopier:
    """Copies the needed parts from one archive into another and parses each as XML on the way."""

    def __init__(self, name: str, source: zipfile.ZipFile, target: zipfile.ZipFile) -> None:
        self.name, self.source, self.target = name, source, target
        self.parts = {entry.filename.lower(): entry for entry in source.infolist()}
        self.budget = Budget(name)

    def check(self) -> list[SheetShape | None]:
        sheets = self._sheets()
        for part in ("[content_types].xml", "_rels/.rels", "xl/styles.xml"):
            if part in self.parts:
                self._copy(part, lambda tag, attributes: None)
        lengths = self._shared_lengths()
        return [self._shape(title, path, lengths) if path else None for title, path in sheets]

    def _shape(self, title: str, path: str, lengths: list[int]) -> SheetShape:
        reader = _SheetReader(title, lengths, self.budget)
        self._copy(path, reader.start, reader.characters)
        return reader.finished()

    def _sheets(self) -> list[tuple[str, str | None]]:
        """Return title and path of each sheet, in order, None for a chart; refuse equal titles or paths."""
        titles: list[tuple[str, str]] = []
        paths: dict[str, str] = {}

        def sheet(tag: str, attributes: dict[str, str]) -> None:
            if _local_name(tag) == "sheet":
                reference = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                titles.append((attributes["name"], reference))

        def relation(tag: str, attributes: dict[str, str]) -> None:
            if _local_name(tag) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                path = attributes["Target"]
                path = path.lstrip("/") if path.startswith(("/", "xl/")) else f"xl/{path}"
                paths[attributes["Id"]] = path.lower()

        self._copy(_CORE_PARTS[0], sheet)
        self._copy(_CORE_PARTS[1], relation)
        sheets = [(title, paths.get(reference)) for title, reference in titles]
        used = [path for _title, path in sheets if path]
        if len(sheets) > MAX_SHEETS or len(set(used)) < len(used) or len(dict(sheets)) < len(sheets):
            raise broken_file_error(self.name)
        return sheets

    def _shared_lengths(self) -> list[int]:
        lengths: list[int] = []
        if "xl/sharedstrings.xml" not in self.parts:
            return lengths

        def start(tag: str, attributes: dict[str, str]) -> None:
            if _local_name(tag) == "si":
                lengths.append(0)
            if len(lengths) > MAX_CELLS:
                raise too_large_error(self.name)

        def characters(text: str) -> None:
            if lengths:
                lengths[-1] += len(text)

        self._copy("xl/sharedstrings.xml", start, characters)
        return lengths

    def _copy(self, part: str, start: Callable, characters: Callable[[str], None] | None = None) -> None:
        """Parse one part with `start(tag, attributes)` and `characters(text)`, and write it to the copy."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.CharacterDataHandler = characters
        parser.StartDoctypeDeclHandler = self._refuse  # no entities of any kind: a workbook never declares them
        parser.XmlDeclHandler = self._check_encoding
        entry = self.parts[part]
        info = zipfile.ZipInfo(entry.filename)
        info.compress_type = zipfile.ZIP_DEFLATED
        with self.source.open(entry) as source, self.target.open(info, "w") as target:
            while chunk := source.read(_CHUNK):
                if b"\0" in chunk:  # UTF-16, in which the parser would see other tags than we do
                    raise broken_file_error(self.name)
                parser.Parse(chunk)
                target.write(chunk)
        parser.Parse(b"", True)

    def _refuse(self, *args: object) -> None:
        raise broken_file_error(self.name)

    def _check_encoding(self, version: str, encoding: str | None, standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
            raise broken_file_error(self.name)


def _local_name(tag: str) -> str:
    return tag.rpartition(":")[2]


class _SheetReader:
    """Follows the cells of one worksheet's XML: where they end, which hold a formula, how much text they use.

    A million cells pass through, hence the few calls in `start` and `characters`.
    """

    def __init__(self, title: str, shared_lengths: list[int], budget: Budget) -> None:
        self.title, self.lengths, self.budget = title, shared_lengths, budget
        self.shape = SheetShape()
        self.text = 0
        self._rows = self._width = 0
        self._row = self._column = -1
        self._columns = _ColumnIndexes()
        self._tag = ""
        self._shared = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        self._tag = tag
        if tag == "c":
            self._shared = attributes.get("t") == "s"
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                letters = reference.rstrip("0123456789")
                self._column = self._columns[letters]
                self._row = int(reference[len(letters) :]) - 1
        elif tag == "v" or tag == "is" or tag == "f":
            if self._row >= self._rows or self._column >= self._width or tag == "f":
                self._grow(is_formula=tag == "f")
        elif tag == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
        elif tag == "mergeCell":
            self._merge()
        elif tag == "col":
            self._widths(attributes)

    def characters(self, text: str) -> None:
        if self._tag == "v" and self._shared:
            self.text += self.lengths[int(text)] if text.strip() else 0
            return
        self.text += len(text)
        if self._tag == "f":
            self.shape.formulas[self._row, self._column] += text

    def finished(self) -> SheetShape:
        """Return the shape, once all XML is parsed; refuse too many cells or too much text."""
        self.shape.rows, self.shape.columns = self._rows, self._width
        self.budget.text(self.text)
        self.budget.area(self._rows, self._width, self.title)
        return self.shape

    def _grow(self, *, is_formula: bool) -> None:
        if self._row < 0 or self._column < 0:
            raise broken_file_error(self.budget.name)
        self._rows = max(self._rows, self._row + 1)
        self._width = max(self._width, self._column + 1)
        if self._rows > MAX_ROWS or self._width > MAX_COLUMNS:
            self.budget.area(self._rows, self._width, self.title)
        if is_formula:
            self.shape.formulas.setdefault((self._row, self._column), "")

    def _widths(self, attributes: dict[str, str]) -> None:
        last = min(int(attributes.get("max", 0)), MAX_COLUMNS)
        for column in range(int(attributes.get("min", 1)) - 1, last):
            self.shape.widths[column] = float(attributes.get("width", 0)) or 8.43

    def _merge(self) -> None:
        self.shape.merged += 1
        if self.shape.merged > MAX_MERGED:
            raise broken_file_error(self.budget.name)


class _ColumnIndexes(dict):
    """The 0-based index of a column by its letters, computed once for each."""

    def __missing__(self, letters: str) -> int:
        if not _LETTERS.fullmatch(letters):
            raise LookupError(letters)
        index = 0
        for letter in letters.upper():
            index = index * 26 + ord(letter) - 64
        self[letters] = index - 1
        return index - 1
