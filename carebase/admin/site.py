"""The admin site, and a ModelAdmin that shows, offers and saves only what its user may see.

A scoped `get_queryset` alone is not enough: select lists, presets, filters, delete pages, moved records, invalid ids,
stale and repeated saves are handled here too, so that an app's admin only declares fields.
"""

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import get_fields_from_path, quote, unquote
from django.contrib.auth import get_permission_codename, get_user_model
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.admin import forms
from carebase.admin.scope import ScopedChangeList, ScopedFieldsMixin, ScopedRelatedFilter
from carebase.admin.views import ScriptCatalog
from carebase.audit.models import Action, Event, Submission, record_event
from carebase.display import HIDDEN, display_field
from carebase.encryption.crypto import DecryptionError
from carebase.fields import EncryptedField, Sealed, from_audit_value
from carebase.models import StaleRecord
from carebase.search import TERM, SearchSelect, is_valid_key, record_title, suggest_rows
from carebase.views import FormSentTwice, OutOfScope, claim_form_token

HISTORY_LENGTH = 100  # events


class CarebaseAdminSite(admin.AdminSite):
    site_header = site_title = gettext_lazy("Carebase admin site")
    index_title = gettext_lazy("What would you like to do?")
    site_url = "/"
    enable_nav_sidebar = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.disable_action("delete_selected")

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def wrapper(request, *args, **kwargs):
            # Django would redirect a signed-in user to the sign-in page, for ever.
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return wrapper

    def get_urls(self):
        # "View on site" by content type and key would reveal the URL of any record.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def login(self, request, extra_context=None):
        return redirect("login")

    def logout(self, request, extra_context=None):
        return redirect("home")  # the site has its own form to sign out

    def password_change(self, request, extra_context=None):
        return redirect("password-change")

    def i18n_javascript(self, request, extra_context=None):
        return ScriptCatalog.as_view(packages=["django.contrib.admin"])(request)

    def autocomplete_view(self, request):
        """Return the suggestions of a search field: only what the field of the form offers."""
        names = [request.GET.get(name, "") for name in ("app_label", "model_name", "field_name")]
        try:
            field = apps.get_model(*names[:2])._meta.get_field(names[2])
            model_admin = self.get_model_admin(field.model)
        except (LookupError, FieldDoesNotExist, NotRegistered) as error:
            raise PermissionDenied from error
        if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
            raise PermissionDenied
        formfield = field.many_to_one and model_admin.formfield_for_dbfield(field, request)
        if not formfield or not isinstance(formfield.widget, SearchSelect):
            raise PermissionDenied
        return suggest_rows(formfield, request.GET.get(TERM, ""))


def person_column(name: str, label: str):
    """Return the column of an admin list for a relation to a user: the name, and the account that it belongs to."""

    @admin.display(description=label, ordering=f"{name}__name")
    def column(obj):
        person = getattr(obj, name)
        return person and f"{person.name} · {person.username}"

    return column


class ScopedModelAdmin(ScopedFieldsMixin, admin.ModelAdmin):
    list_per_page = 25
    list_max_show_all = 100
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    save_as = False
    preset_if_only: tuple[str, ...] = ()  # relations to fill in where there is only one choice

    def view_on_site(self, obj):
        try:
            return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None
        except NoReverseMatch:
            return None

    # Lists

    def get_changelist(self, request, **kwargs):
        return ScopedChangeList

    def get_list_filter(self, request):
        return [self.scoped_filter(item) for item in super().get_list_filter(request)]

    def scoped_filter(self, item):
        path, kind = item if isinstance(item, (list, tuple)) else (item, None)
        if not isinstance(path, str) or not get_fields_from_path(self.model, path)[-1].is_relation:
            return item
        if kind and not issubclass(kind, ScopedRelatedFilter):
            raise ImproperlyConfigured(f"The filter of {path} must be a ScopedRelatedFilter.")
        return path, kind or ScopedRelatedFilter

    def lookup_allowed(self, lookup, value, request):
        """Allow only declared filters and the key: any other lookup could be used to guess hidden values."""
        items = [item[0] if isinstance(item, (list, tuple)) else item for item in self.list_filter]
        roots = {item.split("__")[0] for item in items if isinstance(item, str)} | {"pk", self.opts.pk.name}
        own = {item.parameter_name for item in items if isinstance(item, type) and hasattr(item, "parameter_name")}
        return lookup in own or (lookup.split("__")[0] in roots and super().lookup_allowed(lookup, value, request))

    def get_search_results(self, request, queryset, search_term):
        words = search_term.replace("\x00", "")
        if hasattr(queryset, "search"):  # what the search fields of forms find, too
            return queryset.search(words), False
        return super().get_search_results(request, queryset, words)

    def get_action_choices(self, request, default_choices=None):
        return super().get_action_choices(request, default_choices or [("", _("please choose"))])

    def response_action(self, request, queryset):
        """Run an action in one transaction, as Django runs the views that save."""
        if not all(is_valid_key(self.opts.pk, key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            self.message_user(request, _("This choice is not in the list; nothing was done."), messages.ERROR)
            return None
        with transaction.atomic():
            return super().response_action(request, queryset)

    # One record

    def get_object(self, request, object_id, from_field=None):
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST":
            # Locked until the save, so that of two concurrent saves one is found stale.
            obj = self.model._base_manager.select_for_update().get(pk=obj.pk)
        return obj

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user, form.is_main = request.user, True
        form.refusal = getattr(request, "refusal", None)
        return form

    def get_changeform_initial_data(self, request):
        """Return presets from the query string: plain values, and relations in scope by key or code."""
        initial = {}
        editable = {field.name: field for field in self.opts.fields if field.editable}
        for name, value in request.GET.items():
            field = editable.get(name)
            if field is None or isinstance(field, EncryptedField):
                continue
            initial[name] = self.visible_preset(field, value, request) if field.is_relation else value
        for name in self.preset_if_only:
            rows = list(self.choices_for(self.opts.get_field(name), request)[:2])
            if len(rows) == 1:
                initial.setdefault(name, rows[0].pk)
        return initial

    def visible_preset(self, field, value, request):
        rows, model = self.choices_for(field, request), field.remote_field.model
        named = Q(code=value[:20].replace("\x00", "")) if hasattr(model, "code") else Q(pk__in=[])
        if is_valid_key(model._meta.pk, value):
            named |= Q(pk=value)
        return rows.filter(named).values_list("pk", flat=True).first()

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show or save a record; a refused save is rolled back, and the form shows the reason and all input."""
        args = (request, object_id, form_url, extra_context)
        if request.method != "POST":
            with transaction.atomic():
                return super().changeform_view(*args)
        if "_saveasnew" in request.POST:
            raise PermissionDenied  # Django would add a second record even where save_as is off
        if object_id is None and (url := self.saved_url(request)):
            return HttpResponseRedirect(url)
        try:
            return super().changeform_view(*args)
        except FormSentTwice:
            return HttpResponseRedirect(self.saved_url(request))
        except (OutOfScope, ValidationError, IntegrityError, StaleRecord) as error:
            request.refusal = refusal_message(error)
        return super().changeform_view(*args)

    def saved_url(self, request) -> str:
        """Return the URL of the record that this form has saved before, or ""."""
        token = request.POST.get("form_token", "").replace("\x00", "")[:32]
        sent = Submission.objects.filter(token=token).first() if token and self.has_add_permission(request) else None
        return sent.url if sent else ""

    def _changeform_view(self, request, object_id, form_url, extra_context):
        response = (
            self.conflict_response(request, object_id) if request.method == "POST" and object_id is not None else None
        )
        return response or super()._changeform_view(request, object_id, form_url, extra_context)

    def conflict_response(self, request, object_id):
        """Return the conflict page, or None when nobody has saved since the form was read."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_change_permission(request, obj):
            return None  # Django responds
        current = forms.version_token(obj) == request.POST.get("version")
        if current and not any(name.startswith("choose-") for name in request.POST):
            return None
        form = self.get_form(request, obj, change=True)(request.POST, request.FILES, instance=obj)
        pairs = forms.field_pairs(form, self._create_formsets(request, obj, change=True)[0])
        request.POST = forms.apply_choices(request.POST, pairs)
        if current:
            return None
        if rows := [pair.row() for pair in pairs if pair.differs]:
            return self.render_conflict(request, obj, rows)
        request.POST["version"] = forms.version_token(obj)  # both wrote the same
        return None

    def render_conflict(self, request, obj, rows):
        context = forms.conflict_context(obj, request.POST, rows) | {"cancel_url": request.path}
        return render(request, "generic/conflict.html", context, status=409)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and request.method != "POST":
            record_event(Action.VIEW, obj, detail={"form": True})
        if obj is not None:
            context["subtitle"] = record_title(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_add(self, request, obj, post_url_continue=None):
        return self.respond_saved(request, obj, _("Registered: {}"))

    def response_change(self, request, obj):
        return self.respond_saved(request, obj, _("Saved: {}"))

    def respond_saved(self, request, obj, text: str):
        """Say what was saved by its name, and go where the button leads."""
        page = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        url = reverse(f"{page}_change", args=[quote(obj.pk)])
        messages.success(request, format_html(text, format_html('<a href="{}">{}</a>', url, record_title(obj))))
        if not request.POST.keys() & {"_continue", "_addanother"}:
            return self.response_post_save_change(request, obj)
        url = url if "_continue" in request.POST else reverse(f"{page}_add")
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(filters, url))

    def save_model(self, request, obj, form, change):
        if not change:
            request.submission = claim_form_token(form.cleaned_data.get("form_token", ""))
        self.set_user_fields(request, obj)
        super().save_model(request, obj, form, change)

    def set_user_fields(self, request, obj) -> None:
        """Fill in required relations to a user that no form has, with the user of the request."""
        for field in obj._meta.concrete_fields:
            hidden = field.is_relation and not field.editable and not field.null
            if hidden and field.remote_field.model is get_user_model() and getattr(obj, field.attname) is None:
                setattr(obj, field.name, request.user)

    def save_formset(self, request, form, formset, change):
        for row in formset.save(commit=False):
            self.set_user_fields(request, row)
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not self.model.objects.visible_to(request.user).filter(pk=form.instance.pk).exists():
            raise OutOfScope
        if submission := getattr(request, "submission", None):
            name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
            submission.url = reverse(name, args=[form.instance.pk])
            submission.save()

    # The audit trail replaces Django's log: saving and deleting write its events.

    def log_addition(self, request, obj, message):
        pass

    def log_change(self, request, obj, message):
        pass

    def log_deletions(self, request, queryset):
        pass

    def construct_change_message(self, request, form, formsets, add=False):
        return ""

    def history_view(self, request, object_id, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        with transaction.atomic():
            obj = self.get_object(request, unquote(object_id))
            if obj is None:
                raise Http404
            record_event(Action.VIEW, obj, detail={"history": True})
            lines = [history_line(event) for event in history_events(obj, request.user)]
            context = self.admin_site.each_context(request) | {
                "title": _("History"),
                "subtitle": record_title(obj),
                "changes": [line for line in lines if line["event"].action != Action.VIEW],
                "views": [line for line in lines if line["event"].action == Action.VIEW],
                "original": obj,
                "opts": self.opts,
            }
        return TemplateResponse(request, "admin/object_history.html", context)

    def get_deleted_objects(self, objs, request):
        """Name only the record itself, not those that depend on it, which may be out of scope."""
        _names, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        message = [_("Other records depend on this one; it cannot be deleted.")]
        return [str(obj) for obj in objs], counts, perms_needed, message if protected else []


def refusal_message(error: Exception):
    if isinstance(error, ValidationError):
        return error.messages
    if isinstance(error, OutOfScope):
        return _("You would no longer see this record; choose a village, school or class of yours.")
    return _("Someone saved the same data at this moment. Please check before you save.")


def history_events(obj, user):
    """Return the latest events of a record and of those of its parts that `user` may view, newest first."""
    code = getattr(obj, "code", "") or str(obj.pk)
    events = Q(model=obj._meta.label_lower, object_code=code)
    if getattr(obj, "audit_subject", None) == code:
        events |= Q(subject=code, model__in=viewable_models(user))
    return Event.objects.filter(events).select_related("user").order_by("-pk")[:HISTORY_LENGTH]


def viewable_models(user) -> list[str]:
    metas = [model._meta for model in apps.get_models()]
    return [
        meta.label_lower for meta in metas if user.has_perm(f"{meta.app_label}.{get_permission_codename('view', meta)}")
    ]


def display_history_value(field, value) -> str:
    """Return a value of the trail for display; of a note only what was sealed, as former lines may be confidential."""
    if value in (None, "", []):
        return _("empty")
    if isinstance(field, Sealed) and not isinstance(value, dict):
        return HIDDEN
    try:
        return display_field(field, from_audit_value(field, value))
    except DecryptionError:
        return HIDDEN


def history_line(event: Event) -> dict:
    """Return an event for the history page, without the values of relations and encrypted fields."""
    model = apps.get_model(event.model)
    fields = {field.name: field for field in model._meta.concrete_fields}
    changes = []
    for name, (old, new) in event.changes.items():
        field = fields.get(name)  # None if the model no longer has it
        is_secret = field is None or field.is_relation or isinstance(field, EncryptedField)
        values = (
            "" if is_secret else f"{_(': ')}{display_history_value(field, old)} → {display_history_value(field, new)}"
        )
        changes.append(f"{field.verbose_name if field else name}{values}")
    return {"event": event, "what": model._meta.verbose_name, "changes": changes}
