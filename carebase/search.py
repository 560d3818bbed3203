"""Choosing one row of many: a short list is a select, a long one is searched by typing, with and without script.

What is posted is the row's key, as a select posts it. A search field posts beside it the words in the input and the
words that its key stood for; where they differ, the words are looked up among the field's own choices.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _

FEW = 20  # rows that a person reads through at once
FOUND = 12  # rows offered for what was typed
LONGEST = 60  # letters that are looked up
SUGGEST, TERM = "suggest", "term"  # what the script asks a page's address: for which field, and with which words
UNRESOLVED = "? "  # stands before words that name no single row; no key begins so


def label_of(row) -> str:
    """Return how a row is named among others: by its `choice_label` where it has one, for `str` may be only a code."""
    return getattr(row, "choice_label", None) or str(row)


def for_choice(queryset):
    """Return the rows with what their labels show."""
    return queryset.for_choice() if hasattr(queryset, "for_choice") else queryset


def valid_key(field, value) -> bool:
    """Return whether `value`, as a browser sent it, can be a key of the kind that `field` holds."""
    try:
        field.run_validators(field.to_python(value))
    except (ValidationError, ValueError, TypeError, OverflowError):
        return False
    return "\x00" not in str(value)


def in_words(field: forms.ModelChoiceField, value) -> str:
    """Return a posted or initial value in words: the label of its row, or what was typed and names none."""
    try:
        row = field.to_python(value)
    except ValidationError:
        return str(value).removeprefix(UNRESOLVED)
    return field.label_from_instance(for_choice(field.queryset).get(pk=row.pk)) if row else ""


def options_of(field: forms.ModelChoiceField, rows: list) -> list[tuple[str, str]]:
    """Return the key and the label of each row; of those that are called alike, the code too."""
    labels = [field.label_from_instance(row) for row in rows]
    codes = [f" · {getattr(row, 'code', row.pk)}" for row in rows]
    unique = [label if labels.count(label) == 1 else label + code for label, code in zip(labels, codes, strict=True)]
    return [(str(field.prepare_value(row)), label) for row, label in zip(rows, unique, strict=True)]


def tidy(words: str) -> str:
    return words.replace("\0", "").strip()[:LONGEST]


class SearchSelect(forms.Select):
    """The widget of a relation whose queryset can be searched by words: it has a method `called`."""

    template_name = "includes/search.html"

    def __init__(self, attrs=None, url: str = ""):
        super().__init__(attrs)
        self.url = url  # where the script asks; "" is the page's own address
        self.known: list | None = None

    def use_required_attribute(self, initial):
        return not self.is_hidden

    @property
    def field(self) -> forms.ModelChoiceField:
        return self.choices.field

    def key_of(self, row) -> str:
        return str(self.field.prepare_value(row))

    def find(self, words: str) -> list:
        """Return the choices that `words` may mean, one more than are offered; never what only may stay as it is."""
        rows = for_choice(self.field.queryset).called(words.replace(" · ", " "))[: FOUND + 1]
        return [row for row in rows if getattr(row, "in_scope", True)]

    def names(self, row) -> tuple:
        return str(row), getattr(row, "code", None), self.field.label_from_instance(row)

    def value_from_datadict(self, data, files, name):
        words = data.get(f"{name}-words")
        if words is None or words == data.get(f"{name}-shown"):
            return data.get(name)
        words = tidy(words)
        return self.resolve(words, data.get(f"{name}-choice")) if words else ""

    def resolve(self, words: str, choice: str | None) -> str:
        """Return the key of the one row that `words` mean, or the words themselves and let the field say why."""
        rows = self.find(words)
        chosen = [row for row in rows if self.key_of(row) == choice]
        chosen = chosen or [row for row in rows if words in self.names(row)]
        chosen = chosen if len(chosen) == 1 else rows
        if len(chosen) == 1:
            return self.key_of(chosen[0])
        sentence = _("More than one is called so. Choose one of the list, or type more.")
        nothing = _("Nothing to choose is called “%(words)s”. Type another part of the name, or the code.")
        self.field.error_messages["invalid_choice"] = sentence if rows else nothing % {"words": words}
        return UNRESOLVED + words

    def read(self, value=None) -> list:
        """Return some of the choices, more than few where they are many, and that of `value`: one query, asked once."""
        if self.known is None:
            rows, meta = for_choice(self.field.queryset), self.field.queryset.model._meta
            key = meta.get_field(self.field.to_field_name) if self.field.to_field_name else meta.pk
            wanted = Q(pk__in=self.field.queryset.order_by().values("pk")[: FEW + 1])
            if value and valid_key(key, value):
                wanted |= Q(**{key.name: value})
            self.known = list(rows.filter(wanted))
        return self.known

    def label(self, value) -> str:
        """Return a value in words."""
        known = [row for row in self.read(value) if self.key_of(row) == str(value)]
        return self.field.label_from_instance(known[0]) if known else in_words(self.field, value)

    def render(self, name, value, attrs=None, renderer=None):
        value = self.field.prepare_value(value)
        rows = self.read(value)
        if len(rows) > FEW:
            return super().render(name, value, attrs, renderer)
        blank = [] if self.field.empty_label is None else [("", self.field.empty_label)]
        select = forms.Select(self.attrs, [*blank, *options_of(self.field, rows)])
        return select.render(name, value, attrs, renderer)

    def get_context(self, name, value, attrs):
        attrs = self.build_attrs(self.attrs, attrs) | {"class": "form-control"}
        widget = {"name": name, "attrs": attrs, "url": self.url, "key": "", "shown": ""}
        widget["words"] = self.label(value)
        if str(value or "").startswith(UNRESOLVED):
            widget |= self.offered(widget["words"])
        elif value not in self.field.empty_values:
            widget |= {"key": value, "shown": widget["words"]}
        return {"widget": widget}

    def offered(self, words: str) -> dict:
        """Return the rows to choose from where `words` mean several, and whether there are more."""
        rows = self.find(words)
        return {"options": options_of(self.field, rows[:FOUND]), "more": len(rows) > FOUND}


def searchable(field: forms.Field) -> bool:
    """Return whether a field is a select of rows that can be searched."""
    return type(field.widget) is forms.Select and hasattr(getattr(field, "queryset", None), "called")


def offer_search(field: forms.ModelChoiceField) -> None:
    """Make a select searchable, with the labels that its rows have of their own."""
    field.widget = SearchSelect(field.widget.attrs)
    field.widget.is_required, field.widget.choices = field.required, field.choices
    field.label_from_instance = label_of


def suggest(field: forms.ModelChoiceField, words: str) -> JsonResponse:
    """Answer the script of a search field with the choices that `words` may mean."""
    words = tidy(words)
    rows = field.widget.find(words) if words else []
    results = [{"id": key, "text": label} for key, label in options_of(field, rows[:FOUND])]
    return JsonResponse({"results": results, "more": len(rows) > FOUND})


def suggestions(form, asked) -> JsonResponse:
    """Answer the script of a search field of `form`, so that nothing is suggested but what the form would take."""
    names = {form.add_prefix(name): field for name, field in form.fields.items()} if form else {}
    field = names.get(asked[SUGGEST])
    if field is None or not isinstance(field.widget, SearchSelect):
        raise Http404
    return suggest(field, asked.get(TERM, ""))
