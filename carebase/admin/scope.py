"""What admins and inlines show and offer: rows and choices in scope, and no encrypted value on any page."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import NestedObjects, flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth import get_permission_codename
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
from carebase.search import SELECT_LIMIT, SearchSelect, choice_label, with_labels


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field, request, model_admin):
        """Return the choices, or [] where they are too many: the filter is left out, as the search finds them."""
        rows = with_labels(choosable_rows(field.remote_field.model, request.user))[: SELECT_LIMIT + 1]
        return [(row.pk, choice_label(row)) for row in rows] if len(rows) <= SELECT_LIMIT else []


class ScopedChangeList(ChangeList):
    def get_results(self, request):
        try:
            super().get_results(request)
        except (OverflowError, ValueError, DataError) as error:
            raise IncorrectLookupParameters from error


class ScopedFieldsMixin:
    form = AdminForm

    def permits(self, request, action: str, obj) -> bool:
        """Return whether the user's reach to the record, or to the parent of an inline's rows, lets them do this."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename(action, self.opts)}", obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.permits(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.permits(request, "delete", obj)

    def get_queryset(self, request):
        rows = self.model.objects.visible_to(request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_fieldsets(self, request, obj=None):
        """Leave out fields that are masked even for editors where the user may only view."""
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
            field.widget = field.widget.widget  # without links to other records
            field.widget.choices = field.choices
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.raw_id_fields:
            raise ImproperlyConfigured("raw_id_fields tell the name of any row; a plain field is searched in scope.")
        rows = self.choices_for(db_field, request)
        kwargs |= {"queryset": rows, "form_class": ScopedChoiceField}
        if hasattr(rows, "search"):
            kwargs["widget"] = SearchSelect(url=self.search_address(db_field))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs |= {"queryset": self.choices_for(db_field, request), "form_class": ScopedMultipleChoiceField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def search_address(self, db_field) -> str:
        meta = db_field.model._meta
        query = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": db_field.name}
        return f"{reverse(f'{self.admin_site.name}:autocomplete')}?{urlencode(query)}"

    def choices_for(self, db_field, request):
        return choosable_rows(db_field.remote_field.model, request.user)


def refuse_protected_delete(form) -> None:
    """Refuse to delete a row that others depend on, without naming these: they may be another office's."""
    if not form.cleaned_data.get(DELETION_FIELD_NAME, False) or form.instance._state.adding:
        return
    collector = NestedObjects(using=form.instance._state.db)
    collector.collect([form.instance])
    if collector.protected:
        message = _("Other records depend on this one; it cannot be deleted.")
        form._errors["__all__"] = form.error_class([message])


class ScopedInline(ScopedFieldsMixin):
    extra = 0
    view_on_site = False  # the record has the link; an inline's would use the removed URL `view_on_site`

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        if hasattr(formset.form, "hand_clean_DELETE"):
            formset.form.hand_clean_DELETE = refuse_protected_delete
        return formset


class ScopedStackedInline(ScopedInline, admin.StackedInline):
    """The only kind of inline: a tabular one has no labels and is too wide for a phone."""
