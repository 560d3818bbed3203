"""Tolerant parsers of cells: a value, None for a blank, or InvalidCell with a message for the user."""

import re
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from .text import Cell, InvalidCell, cell_text, code_text, key, narrow, quoted, words

YES = frozenset(words("是 有 已 对 √ ✓ ✔ ☑ y yes true t 1"))
NO = frozenset(words("否 无 没有 未 不是 非 × x ✗ ✘ ✕ ✖ ╳ ☒ n no false f 0"))
CHOICE_NUMBER = re.compile(r"[0-9]{1,2}[-.、:](?=[^0-9])")
SEPARATORS = re.compile(r"[、,，;；/|\n]")
MONEY = re.compile(r"(?:RMB|CNY|¥|￥)?([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?(万)?(?:元|圆)?整?")
MAX_MONEY = Decimal(10) ** 10
CENT = Decimal("0.01")


def parse_text(value: Cell, max_length: int | None = None) -> str | None:
    """The visible text of a cell, its punctuation untouched; None when blank, InvalidCell when longer than allowed."""
    text = re.sub(r"^'(?=[0-9])", "", cell_text(value))
    if max_length is not None and len(text) > max_length:
        raise InvalidCell(
            _("This text has %(count)d characters; at most %(limit)d fit here.")
            % {"count": len(text), "limit": max_length}
        )
    return text or None


def parse_yes_no(value: Cell) -> bool | None:
    """Yes or no as 是 否 有 无 √ × 1 0 …; None when blank."""
    text = code_text(value).casefold()
    if not text:
        return None
    if text in YES or text in NO:
        return text in YES
    raise InvalidCell(_("“%(text)s” is neither yes nor no. Write 是 or 否.") % {"text": quoted(text)})


def parse_choice(value: Cell, names: Mapping[str, str]):
    """The code whose name stands in the cell, width, case and white space aside; None when blank.

    A number before the name, as in 1-单亲留守儿童, is passed over."""
    text = code_text(value)
    if not text:
        return None
    if text in names:
        return names[text]
    known = {key(name): code for name, code in names.items()}
    for candidate in (key(text), key(CHOICE_NUMBER.sub("", text, count=1))):
        if candidate in known:
            return known[candidate]
    raise InvalidCell(
        _("“%(text)s” is not one of the choices: %(choices)s.") % {"text": quoted(text), "choices": _some(names)}
    )


def parse_choices(value: Cell, names: Mapping[str, str]) -> list:
    """The codes of several names separated by 、 , ; / or space, in their order, each once; [] when blank."""
    text = narrow(cell_text(value))
    if not text:
        return []
    if key(text) in {key(name) for name in names}:  # a name may itself hold a separator
        return [parse_choice(text, names)]
    codes = []
    for piece in SEPARATORS.split(text):
        whole = any(key(piece) == key(name) for name in names)
        codes += [parse_choice(part, names) for part in ([piece] if whole else piece.split())]
    return list(dict.fromkeys(codes))


def parse_money(value: Cell) -> Decimal | None:
    """An amount in yuan with two decimals, from 1200, ¥1,200.50, 1200元 or 1.2万; None when blank."""
    number = _money_text(value)
    if not number:
        return None
    found = MONEY.fullmatch(number)
    if not found:
        raise InvalidCell(
            _("“%(text)s” is not an amount. Write for example 1200 or 1200.50.") % {"text": quoted(number)}
        )
    amount = Decimal(found[1].replace(",", "") + (found[2] or "")) * (10000 if found[3] else 1)
    if amount != amount.quantize(CENT):
        raise InvalidCell(_("An amount has at most two decimals."))
    if amount >= MAX_MONEY:
        raise InvalidCell(_("This amount is too large."))
    return amount.quantize(CENT)


def _money_text(value: Cell) -> str:
    # 0.1 + 0.2 in a sheet is 0.30000000000000004: a difference far below a cent is a rounding error.
    if isinstance(value, float) and abs(value - round(value, 2)) < 1e-6:
        value = round(value, 2)
    return code_text(value)


def _some(names: Mapping[str, str], limit: int = 12) -> str:
    first = {code: name for name, code in reversed(names.items())}  # the first name of each code is its printed one
    choices = list(reversed(first.values()))
    return "、".join(choices[:limit]) + ("…" if len(choices) > limit else "")
