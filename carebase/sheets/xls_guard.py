"""Limits that a legacy .xls (BIFF in an OLE2 container, [MS-CFB] and [MS-XLS]) must keep before a parser sees it."""

import struct
from collections.abc import Iterator

from django.utils.translation import gettext as _

from carebase.sheets.guard import (
    MAX_CELLS,
    MAX_MERGED,
    MAX_SHEETS,
    Budget,
    SheetError,
    SheetShape,
    broken_file_error,
    locked_file_error,
    not_a_sheet_error,
)

_LAST_SECTOR = 0xFFFFFFFA  # this and above: end of chain, free, or a sector of the table itself
_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _DIMENSIONS, _MERGED = 0x0809, 0x0A, 0x2F, 0x85, 0x0200, 0xE5
_SST, _CONTINUE, _LABELSST = 0xFC, 0x3C, 0xFD
_FORMULAS = {0x0006, 0x0206, 0x0406}
_CELLS = {0x0203, 0x027E, _LABELSST, 0x0204, 0x0205, 0x00BD, 0x00D6, *_FORMULAS}
_MULRK = 0x00BD


def check_xls(name: str, data: bytes) -> list[SheetShape]:
    """Return the shape of each sheet in the order of the file; refuse what would exhaust the memory."""
    try:
        streams = _Ole(data).streams()
        if "encryptedpackage" in streams:
            raise locked_file_error(name)
        book = streams.get("workbook", streams.get("book"))
        if book is None:
            raise not_a_sheet_error(name)
        return _Biff(name, book()).shapes()
    except (struct.error, LookupError, MemoryError) as error:
        raise broken_file_error(name) from error


class _Ole:
    """Reader of the OLE2 container: a file system of chained sectors."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 0x1E)
        if shift not in (9, 12) or mini_shift != 6:
            raise LookupError
        self.size = 1 << shift
        counts = (*struct.unpack_from("<II", data, 0x28), *struct.unpack_from("<I4xI", data, 0x40))
        if max(counts) > len(data) // self.size:  # the parser reserves memory by these
            raise LookupError
        self.fat = self._numbers(self._fat_sectors())
        self.cutoff, mini_start = struct.unpack_from("<II", data, 0x38)
        self.mini_fat = self._numbers(self._chain(mini_start, self.fat))

    def streams(self) -> dict:
        """Return, for each stream in the directory by its name in lower case, a function that reads it."""
        directory = b"".join(map(self._sector, self._chain(struct.unpack_from("<I", self.data, 0x30)[0], self.fat)))
        found, mini = {}, b""
        for at in range(0, len(directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<IQ", directory, at + 116)
            if self.size == 512:  # the upper half is not in use there, and not always zero
                size &= 0xFFFFFFFF
            if kind in (2, 5) and size > len(self.data):
                raise LookupError
            title = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace").lower()
            if kind == 5:
                mini = self._read(start, size)
            elif kind == 2:
                found[title] = (start, size)
        return {
            title: lambda start=start, size=size: (
                self._read(start, size) if size >= self.cutoff else self._read_mini(start, size, mini)
            )
            for title, (start, size) in found.items()
        }

    def _fat_sectors(self) -> list[int]:
        sectors = list(struct.unpack_from("<109I", self.data, 0x4C))
        following = struct.unpack_from("<I", self.data, 0x44)[0]
        for _sector in range(len(self.data) // self.size):
            if following >= _LAST_SECTOR:
                break
            *more, following = self._numbers([following])
            sectors += more
        return [sector for sector in sectors if sector < _LAST_SECTOR]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        if start >= len(self.data):
            raise LookupError
        return self.data[start : start + self.size]

    def _numbers(self, sectors: list[int]) -> tuple[int, ...]:
        raw = b"".join(map(self._sector, sectors[: len(self.data) // self.size]))
        return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])

    def _chain(self, start: int, table: tuple[int, ...]) -> list[int]:
        sectors = []
        while start < _LAST_SECTOR:
            sectors.append(start)
            if len(sectors) > len(table):  # a circular chain
                raise LookupError
            start = table[start]
        return sectors

    def _read(self, start: int, size: int) -> bytes:
        return b"".join(map(self._sector, self._chain(start, self.fat)))[:size]

    def _read_mini(self, start: int, size: int, mini: bytes) -> bytes:
        return b"".join(mini[sector * 64 : sector * 64 + 64] for sector in self._chain(start, self.mini_fat))[:size]


class _Biff:
    """Follows the records of a workbook stream: sheets, where their cells end, formulas, shared texts."""

    def __init__(self, name: str, stream: bytes) -> None:
        self.name, self.stream, self.budget = name, stream, Budget(name)
        self.offsets: list[int] = []
        self.lengths: list[int] = []

    def shapes(self) -> list[SheetShape]:
        shared: list[bytes] = []
        previous = 0
        for kind, body in self._records(0):
            if kind == _FILEPASS:
                raise locked_file_error(self.name)
            if kind == _BOUNDSHEET:
                self.offsets.append(struct.unpack_from("<I", body)[0])
            if kind == _SST or (kind == _CONTINUE and previous == _SST):
                shared.append(body)
            previous = _SST if kind == _CONTINUE and previous == _SST else kind
        if not self.offsets or len(self.offsets) > MAX_SHEETS or len(set(self.offsets)) < len(self.offsets):
            raise broken_file_error(self.name)
        self.lengths = list(_shared_lengths(shared)) if shared else []
        return [self._shape(offset) for offset in self.offsets]

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """Yield the records of one substream, from its BOF to its EOF; a chart inside a sheet nests."""
        depth = 0
        while at + 4 <= len(self.stream):
            kind, length = struct.unpack_from("<HH", self.stream, at)
            yield kind, self.stream[at + 4 : at + 4 + length]
            depth += (kind == _BOF) - (kind == _EOF)
            if depth <= 0:
                return
            at += 4 + length

    def _shape(self, offset: int) -> SheetShape:
        shape = SheetShape()
        for kind, body in self._records(offset):
            if kind in _CELLS:
                self._cell(shape, kind, body)
            elif kind == _DIMENSIONS:
                self._check_dimensions(body)
            elif kind == _MERGED:
                shape.merged += struct.unpack_from("<H", body)[0]
                if shape.merged > MAX_MERGED:
                    raise broken_file_error(self.name)
        self.budget.area(shape.rows, shape.columns)
        return shape

    def _cell(self, shape: SheetShape, kind: int, body: bytes) -> None:
        row, column = struct.unpack_from("<HH", body)
        last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MULRK else column
        shape.rows, shape.columns = max(shape.rows, row + 1), max(shape.columns, last + 1)
        if kind in _FORMULAS:
            shape.formulas[row, column] = ""
        elif kind == _LABELSST:
            self.budget.text(self.lengths[struct.unpack_from("<I", body, 6)[0]])

    def _check_dimensions(self, body: bytes) -> None:
        """The parser reserves memory for what this record claims, filled or not."""
        pattern = "<IIHH" if len(body) >= 14 else "<HHHH"
        first_row, last_row, first_column, last_column = struct.unpack_from(pattern, body)
        if first_row > last_row or first_column > last_column:  # the parser would count below zero, to billions
            raise broken_file_error(self.name)
        if (last_row - first_row) * (last_column - first_column) > MAX_CELLS:
            raise SheetError(
                _("%(name)s claims to be far larger than its content. Please save it as .xlsx and choose that file.")
                % {"name": self.name}
            )


def _shared_lengths(segments: list[bytes]) -> Iterator[int]:
    """Yield the length of each text of the shared string table; texts may continue over CONTINUE records."""
    place, at = 0, 8
    for _text in range(min(struct.unpack_from("<I", segments[0], 4)[0], MAX_CELLS)):
        while at >= len(segments[place]):
            place, at = place + 1, 0
        length, flags = struct.unpack_from("<HB", segments[place], at)
        at += 3
        skipped = 0
        if flags & 0x08:
            skipped += 4 * struct.unpack_from("<H", segments[place], at)[0]
            at += 2
        if flags & 0x04:
            skipped += struct.unpack_from("<I", segments[place], at)[0]
            at += 4
        yield length
        place, at = _skip_characters(segments, place, at, length, 1 + (flags & 1))
        while skipped > len(segments[place]) - at:
            skipped -= len(segments[place]) - at
            place, at = place + 1, 0
        at += skipped


def _skip_characters(segments: list[bytes], place: int, at: int, length: int, width: int) -> tuple[int, int]:
    """Return the position after `length` characters; a continued text states its width anew in each record."""
    while length:
        taken = min(length, (len(segments[place]) - at) // width)
        length, at = length - taken, at + taken * width
        if length:
            place += 1
            width, at = 1 + (segments[place][0] & 1), 1
    return place, at
