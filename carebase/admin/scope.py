"""What a ModelAdmin and an inline show and offer: own rows, own choices, no stored secret in any page."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import NestedObjects, flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError
from django.forms.formsets import DELETION_FIELD_NAME
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carebase.admin.forms import AdminForm, ScopedChoiceField, ScopedMultipleChoiceField, choosable_rows
from carebase.fields import EncryptedField
from carebase.forms import MaskedField
from carebase.search import FEW, SearchSelect, for_choice, label_of


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """A filter that names only places and people whom its user may choose."""

    def field_choices(self, field, request, model_admin):
        """Return what to choose from; where that is much, nothing: the filter is left out, and the search finds it."""
        rows = for_choice(choosable_rows(field.remote_field.model, request.user))[: FEW + 1]
        return [(row.pk, label_of(row)) for row in rows] if len(rows) <= FEW else []


class ScopedChangeList(ChangeList):
    def get_results(self, request):
        try:
            super().get_results(request)
        except (OverflowError, ValueError, DataError) as error:
            raise IncorrectLookupParameters from error


class ScopedFieldsMixin:
    """What a ModelAdmin and an inline share: own rows, own choices, no stored secret in any page."""

    form = AdminForm

    def get_queryset(self, request):
        rows = self.model.objects.visible_to(request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_fieldsets(self, request, obj=None):
        """Return the fieldsets; who may only look is not shown what is masked even from editors."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        secret = {field.name for field in self.opts.concrete_fields if isinstance(field, EncryptedField)}
        return [
            (
                title,
                options | {"fields": [name for name in flatten_fieldsets([(title, options)]) if name not in secret]},
            )
            for title, options in fieldsets
        ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, EncryptedField):
            return MaskedField(label=capfirst(db_field.verbose_name), max_length=200)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget  # without the ways to other records
            field.widget.choices = field.choices
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.raw_id_fields:
            raise ImproperlyConfigured("raw_id_fields tell the name of any row; a plain field is searched in scope.")
        rows = self.choices_for(db_field, request)
        kwargs |= {"queryset": rows, "form_class": ScopedChoiceField}
        if hasattr(rows, "called"):
            kwargs["widget"] = SearchSelect(url=self.search_address(db_field))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs |= {"queryset": self.choices_for(db_field, request), "form_class": ScopedMultipleChoiceField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def search_address(self, db_field) -> str:
        """Return where the script of the search field of a relation asks."""
        meta = db_field.model._meta
        asked = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": db_field.name}
        return f"{reverse(f'{self.admin_site.name}:autocomplete')}?{urlencode(asked)}"

    def choices_for(self, db_field, request):
        """Return what `db_field` may point to, for the user of `request`."""
        return choosable_rows(db_field.remote_field.model, request.user)


def refuse_protected_delete(form) -> None:
    """Refuse to delete a row that others depend on, without naming them: they may be another office's."""
    if not form.cleaned_data.get(DELETION_FIELD_NAME, False) or form.instance._state.adding:
        return
    collector = NestedObjects(using=form.instance._state.db)
    collector.collect([form.instance])
    if collector.protected:
        sentence = _("Other records depend on this one; it cannot be taken away.")
        form._errors["__all__"] = form.error_class([sentence])


class ScopedInline(ScopedFieldsMixin):
    """Rows of a record, narrowed like the record itself."""

    extra = 0
    view_on_site = False  # its record has the way to the site; this one would go through an address that is closed

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        if hasattr(formset.form, "hand_clean_DELETE"):
            formset.form.hand_clean_DELETE = refuse_protected_delete
        return formset


class ScopedStackedInline(ScopedInline, admin.StackedInline):
    """The only kind: the inputs of a tabular inline have no labels, and a table is too wide for a phone."""
