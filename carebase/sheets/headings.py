"""Where the table of a sheet begins: its heading below titles and groups, and the rows that are not data."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

HEADING_ROWS = 12  # the first rows, in which a heading is searched
# Columns side by side under one heading, one of which is ticked.
_OPTION_WORDS = "是 否 有 无 男 女 双亲 单亲 双方 一方 健康 残疾 患病 住校 走读 寄宿 农业 非农业"
OPTIONS = frozenset(_OPTION_WORDS.split())
_NUMBERED = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、](?=\D)")
_REMARK = re.compile(r"\([^()]*\)")
_FOOTER = re.compile(
    r"(?:.{0,12}(?:合计|总计|小计|共计)(?:$|[\d:：])|总人数|填表人|填报人|填报单位|填报日期|制表人|经办人|审核人|复核人|负责人|单位负责人"
    r"|联系人[:(]|学校负责人|校长签[名字]|班主任签[名字]|(?:合计|总计|小计|共计)"
    r"|(?:备注|注|说明|填表说明|填报说明|填写说明)\d*:|第\d+页|以下空白|续表|共\d+[人名])"
)


@dataclass
class Heading:
    """Index of the last heading row, each column's own text, and the group above it or ""."""

    row: int
    columns: list[str]
    groups: list[str]


def is_blank(row: Sequence) -> bool:
    return all(cell is None for cell in row)


def is_footer(row: Sequence) -> bool:
    """Whether a row below a table holds totals, signatures or notes, or nothing at all."""
    first = next((cell for cell in row if cell is not None), None)
    return first is None or (isinstance(first, str) and bool(_FOOTER.match(normalise_heading(first))))


def normalise_heading(text: object) -> str:
    """Return a heading half-width, without spaces, required marks and final colon: `姓　名（＊）` is 姓名."""
    if text is None:
        return ""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text))).replace("【", "(").replace("】", ")")
    plain = plain.replace("[", "(").replace("]", ")").replace("〔", "(").replace("〕", ")")
    return re.sub(r"\(\*+\)|^\*+|\*+$|:+$", "", plain)


def find_heading(
    sheet, known: Callable[[str], object] | Collection[str], *, within: int = HEADING_ROWS, at: int | None = None
) -> Heading | None:
    """Return the heading among the first rows: that with most known texts, at least 3 and a quarter of its cells.

    Levels above or below it are joined to it. Equal columns are told apart by groups or order. `at` is the row that a
    user pointed out, whatever it holds.
    """
    knows = known if callable(known) else known.__contains__
    rows = [[_own_text(cell, knows) for cell in row] for row in sheet.rows[: within + 2]]
    scores = [_score(texts, knows) for texts in rows[:within]]
    best = max(range(len(scores)), key=scores.__getitem__, default=None) if at is None else at
    if at is not None and (found := find_heading(sheet, known, within=within)) and found.row == at:
        return found
    if best is None or best >= len(rows) or (at is None and scores[best] < 3):
        return None
    first = best - 1 if best and _is_group_row(sheet.rows[best - 1]) else best
    last = best
    while last + 1 < len(rows) and _is_next_level(rows, last, sheet.rows[last + 1], knows):
        last += 1
    if last > best and not _is_group_of(rows, first, best, knows):
        first = best
    heading = Heading(first, rows[first], [""] * len(rows[first]))
    for lower in range(first + 1, last + 1):
        heading = _join_level(sheet, heading, rows[lower], lower)
    return heading


def _own_text(cell, knows: Callable[[str], object]) -> str:
    text = normalise_heading(cell)
    for short in (text, _REMARK.sub("", text), _NUMBERED.sub("", _REMARK.sub("", text), count=1)):
        if knows(short):
            return short
    return text


def _score(texts: list[str], knows: Callable[[str], object]) -> int:
    filled = [text for text in texts if text]
    hits = [text for text in filled if knows(text)]
    return len(set(hits)) if 4 * len(hits) >= len(filled) else 0  # of the school roll's 71 columns we know some 30


def _is_next_level(rows: list[list[str]], upper: int, cells: list, knows: Callable[[str], object]) -> bool:
    """Whether the row below `upper` divides its headings: known texts or options, at least one under a blank."""
    lower = rows[upper + 1]
    filled = [text for text in lower if text]
    if any(cell is not None and not isinstance(cell, str) for cell in cells):
        return False
    under_blank = any(text and not above for text, above in zip(lower, rows[upper], strict=True))
    hits = sum(bool(knows(text)) for text in filled)
    options = sum(text in OPTIONS for text in filled)
    if options >= 2 and options + hits == len(filled):
        return under_blank
    return under_blank and hits >= 2 and 4 * hits >= len(filled)


def _is_group_row(cells: list) -> bool:
    """Whether the row names groups of columns, unlike a title, which is alone in its row, or `填报单位：…`."""
    filled = [cell for cell in cells if cell is not None]
    return len(filled) >= 2 and all(isinstance(cell, str) and ":" not in normalise_heading(cell) for cell in filled)


def _is_group_of(rows: list[list[str]], first: int, best: int, knows: Callable[[str], object]) -> bool:
    """Whether a row above a two-level heading is a third level: a group's name, or a heading over both rows."""
    return first < best and any(
        text and (knows(text) or not below) for text, below in zip(rows[first], rows[best], strict=True)
    )


def _join_level(sheet, upper: Heading, own: list[str], lower: int) -> Heading:
    """Return the heading with one more level, whose texts keep what stands above them as their group."""
    ends = {column: last for row, column, _bottom, last in sheet.merged if row == lower - 1}
    columns, groups, group, end = [], [], "", -1
    for place, text in enumerate(own):
        if upper.columns[place]:
            group, end = upper.columns[place], ends.get(place, place if ends else len(own))
        elif place > end:
            group = ""
        is_own = bool(_REMARK.sub("", text)) or (bool(text) and not upper.columns[place])
        columns.append(text if is_own else upper.columns[place])
        groups.append((group or upper.groups[place]) if is_own else upper.groups[place])
        if not is_own:
            group = "" if place not in ends else group
    return Heading(lower, columns, groups)
