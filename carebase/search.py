"""Relation fields with a search: few rows are a select, many are found by typing, with or without JavaScript.

The posted value is the key of the row, as from a select. A search field also posts the words in the input and those
that its key stood for; where they differ, the words are looked up among the field's choices.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _

SELECT_LIMIT = 20  # rows; more are searched
SUGGESTION_LIMIT = 12  # rows
MAX_WORDS_LENGTH = 60  # characters
SUGGEST, TERM = "suggest", "term"  # query parameters of the script: the field, and the words
UNRESOLVED = "? "  # prefix of words that match no single row; no key begins so


def choice_label(row) -> str:
    return getattr(row, "choice_label", None) or str(row)


def record_title(row) -> str:
    """Return what people call a record: its name, or else its label; a code alone tells nobody anything."""
    return getattr(row, "name", "") or choice_label(row)


def with_labels(queryset):
    return queryset.for_choice() if hasattr(queryset, "for_choice") else queryset


def is_valid_key(field, value) -> bool:
    """Return whether a posted `value` can be a key in `field`."""
    try:
        field.run_validators(field.to_python(value))
    except (ValidationError, ValueError, TypeError, OverflowError):
        return False
    return "\x00" not in str(value)


def display_choice(field: forms.ModelChoiceField, value) -> str:
    """Return the label of the row with this value, or the words that match none."""
    try:
        row = field.to_python(value)
    except ValidationError:
        return str(value).removeprefix(UNRESOLVED)
    return field.label_from_instance(with_labels(field.queryset).get(pk=row.pk)) if row else ""


def labelled_options(field: forms.ModelChoiceField, rows: list) -> list[tuple[str, str]]:
    """Return (key, label) of each row; equal labels get the code as well."""
    labels = [field.label_from_instance(row) for row in rows]
    codes = [f" · {getattr(row, 'code', row.pk)}" for row in rows]
    unique = [label if labels.count(label) == 1 else label + code for label, code in zip(labels, codes, strict=True)]
    return [(str(field.prepare_value(row)), label) for row, label in zip(rows, unique, strict=True)]


def clean_words(words: str) -> str:
    return words.replace("\0", "").strip()[:MAX_WORDS_LENGTH]


class SearchSelect(forms.Select):
    """The widget of a relation whose queryset has a method `search(words)`."""

    template_name = "includes/search.html"

    def __init__(self, attrs=None, url: str = ""):
        super().__init__(attrs)
        self.url = url  # of the suggestions; "" is the page itself
        self.loaded: list | None = None

    def use_required_attribute(self, initial):
        return not self.is_hidden

    @property
    def field(self) -> forms.ModelChoiceField:
        return self.choices.field

    def key_of(self, row) -> str:
        return str(self.field.prepare_value(row))

    def find(self, words: str) -> list:
        """Return the choices matching `words`, one more than are suggested; not a retained value out of scope."""
        rows = with_labels(self.field.queryset).search(words.replace(" · ", " "))[: SUGGESTION_LIMIT + 1]
        return [row for row in rows if getattr(row, "in_scope", True)]

    def names(self, row) -> tuple:
        return str(row), getattr(row, "code", None), self.field.label_from_instance(row)

    def value_from_datadict(self, data, files, name):
        words = data.get(f"{name}-words")
        if words is None or words == data.get(f"{name}-shown"):
            return data.get(name)
        words = clean_words(words)
        return self.resolve(words, data.get(f"{name}-choice")) if words else ""

    def resolve(self, words: str, choice: str | None) -> str:
        """Return the key of the row that `words` mean, or the words, which the field refuses with the reason."""
        rows = self.find(words)
        matches = [row for row in rows if self.key_of(row) == choice]
        matches = matches or [row for row in rows if words in self.names(row)]
        matches = matches if len(matches) == 1 else rows
        if len(matches) == 1:
            return self.key_of(matches[0])
        several = _("Several entries match. Choose one from the list, or type more.")
        none = _("There is no match for “%(words)s”. Type another part of the name, or the code.")
        shown = {"words": words.replace("%", "%%")}  # the field puts its own values into the message
        self.field.error_messages["invalid_choice"] = several if rows else none % shown
        return UNRESOLVED + words

    def load_choices(self, value=None) -> list:
        """Return up to SELECT_LIMIT + 1 choices and that of `value`, by a single query."""
        if self.loaded is None:
            rows, meta = with_labels(self.field.queryset), self.field.queryset.model._meta
            key = meta.get_field(self.field.to_field_name) if self.field.to_field_name else meta.pk
            wanted = Q(pk__in=self.field.queryset.order_by().values("pk")[: SELECT_LIMIT + 1])
            if value and is_valid_key(key, value):
                wanted |= Q(**{key.name: value})
            self.loaded = list(rows.filter(wanted))
        return self.loaded

    def display_label(self, value) -> str:
        known = [row for row in self.load_choices(value) if self.key_of(row) == str(value)]
        return self.field.label_from_instance(known[0]) if known else display_choice(self.field, value)

    def render(self, name, value, attrs=None, renderer=None):
        value = self.field.prepare_value(value)
        rows = self.load_choices(value)
        if len(rows) > SELECT_LIMIT:
            return super().render(name, value, attrs, renderer)
        blank = [] if self.field.empty_label is None else [("", self.field.empty_label)]
        select = forms.Select(self.attrs, [*blank, *labelled_options(self.field, rows)])
        return select.render(name, value, attrs, renderer)

    def get_context(self, name, value, attrs):
        attrs = self.build_attrs(self.attrs, attrs) | {"class": "form-control"}
        widget = {"name": name, "attrs": attrs, "url": self.url, "key": "", "shown": ""}
        widget["words"] = self.display_label(value)
        if str(value or "").startswith(UNRESOLVED):
            widget |= self.suggestion_context(widget["words"])
        elif value not in self.field.empty_values:
            widget |= {"key": value, "shown": widget["words"]}
        return {"widget": widget}

    def suggestion_context(self, words: str) -> dict:
        rows = self.find(words)
        return {"options": labelled_options(self.field, rows[:SUGGESTION_LIMIT]), "more": len(rows) > SUGGESTION_LIMIT}


def is_searchable(field: forms.Field) -> bool:
    return type(field.widget) is forms.Select and hasattr(getattr(field, "queryset", None), "search")


def make_searchable(field: forms.ModelChoiceField) -> None:
    """Replace a select by a search field, whose rows have their `choice_label`."""
    field.widget = SearchSelect(field.widget.attrs)
    field.widget.is_required, field.widget.choices = field.required, field.choices
    field.label_from_instance = choice_label


def suggest_rows(field: forms.ModelChoiceField, words: str) -> JsonResponse:
    words = clean_words(words)
    rows = field.widget.find(words) if words else []
    results = [{"id": key, "text": label} for key, label in labelled_options(field, rows[:SUGGESTION_LIMIT])]
    return JsonResponse({"results": results, "more": len(rows) > SUGGESTION_LIMIT})


def suggest_for_form(form, query) -> JsonResponse:
    """Return the suggestions for a search field of `form`: nothing but what the form accepts."""
    names = {form.add_prefix(name): field for name, field in form.fields.items()} if form else {}
    field = names.get(query[SUGGEST])
    if field is None or not isinstance(field.widget, SearchSelect):
        raise Http404
    return suggest_rows(field, query.get(TERM, ""))
