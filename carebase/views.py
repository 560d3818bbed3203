"""Generic views to list, show, create and update records: limited by role and scope, and audited."""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from carebase import conflicts
from carebase.audit.models import Action, Submission, record_event
from carebase.display import display_attr
from carebase.models import StaleRecord
from carebase.search import SUGGEST, suggest_for_form

PAGE_SIZE = 25
MAX_COUNT = 1000  # lists then say "more than"; reports have exact figures


def count_up_to(queryset, most: int) -> int:
    """Return the number of rows, at most one more than `most`; reading keys is cheaper than COUNT over a slice."""
    return len(queryset.order_by().values_list("pk")[: most + 1])


def count_text(number: int) -> str:
    """Return the number of rows of a list, in the same words wherever it is said."""
    return _("more than %d") % MAX_COUNT if number > MAX_COUNT else str(number)


def render_page(request: HttpRequest, template: str, context: dict, status: int = 200) -> HttpResponse:
    """Render the page, or return the suggestions of its form to the script of a search field."""
    if SUGGEST in request.GET and request.method == "GET":
        return suggest_for_form(context.get("form") or context.get("filter_form"), request.GET)
    return render(request, template, context, status=status)


class OutOfScope(Exception):
    """The saved record would no longer be visible to its user."""


class ScopedView(View):
    """Answers 403 where the role has no permission, and 404 for rows out of scope."""

    model = None
    action = "view"
    permission = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.user = request.user

    def dispatch(self, request, *args, **kwargs):
        if not self.user.has_perm(self.get_permission()):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_permission(self) -> str:
        return self.permission or f"{self.model._meta.app_label}.{self.action}_{self.model._meta.model_name}"

    def get_queryset(self):
        return self.model.objects.permitted_to(self.user, self.get_permission())

    def get_object(self):
        return get_object_or_404(self.get_queryset(), code=self.kwargs["code"])

    def may(self, action: str, model=None) -> bool:
        """Return whether the user may do this, with the record of the page where it has one."""
        meta = (model or self.model)._meta
        return self.user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}", getattr(self, "object", None))


class UncountedPaginator(Paginator):
    """Pages without counting all rows, which would slow down with their number: one row more shows a next page."""

    def page(self, number):
        number = max(1, int(number)) if str(number).isdecimal() and len(str(number)) < 9 else 1
        start = (number - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        page = Page(rows[: self.per_page], number, self)
        page.has_next = lambda: len(rows) > self.per_page
        return page


class PageLink(NamedTuple):
    """A button to a page, for who has the permission that it names."""

    label: str
    page: str
    icon: str
    permission: str = ""
    primary: bool = False


class RecordListView(ScopedView):
    """A filtered, paged table. `columns` are (heading, accessor) pairs; the first cell links to the record."""

    template_name = "generic/object_list.html"
    columns: tuple[tuple[str, str | Callable], ...] = ()
    links: tuple[PageLink, ...] = ()
    filter_class = None
    title = ""
    empty_text = ""

    def get(self, request):
        return render_page(request, self.template_name, self.get_context())

    def get_context(self) -> dict:
        queryset, filter_form = self.get_queryset(), None
        if self.filter_class:
            filter_form = self.filter_class(self.request.GET, user=self.user)
            if filter_form.is_valid():
                queryset = filter_form.narrow(queryset)
        page = UncountedPaginator(queryset, PAGE_SIZE).page(self.request.GET.get("page", 1))
        filters = [(key, value) for key, value in self.request.GET.items() if key != "page" and value]
        return {
            "title": self.title or self.model._meta.verbose_name_plural,
            "columns": [str(heading) for heading, _accessor in self.columns],
            "rows": [self.row(obj) for obj in page],
            "page_obj": page,
            "filter_form": filter_form,
            "query_prefix": f"{urlencode(filters)}&" if filters else "",
            "actions": self.get_actions(),
            "total": self.total(queryset),
            "empty_text": self.empty_text,
        }

    def row(self, obj) -> dict:
        return {
            "url": obj.get_absolute_url(),
            "cells": [display_attr(obj, accessor) for _heading, accessor in self.columns],
        }

    def total(self, queryset) -> str:
        return count_text(queryset.order_by()[: MAX_COUNT + 1].count())

    def get_actions(self) -> list[dict]:
        permitted = [link for link in self.links if not link.permission or self.user.has_perm(link.permission)]
        return [link._asdict() | {"url": reverse(link.page)} for link in permitted]


class RecordDetailView(ScopedView):
    """One record. Viewing it writes an audit event."""

    template_name = "generic/object_detail.html"

    def get(self, request, code):
        with transaction.atomic():
            self.object = self.get_object()
            if SUGGEST in request.GET:  # no look at the record
                return suggest_for_form(self.get_context().get("form"), request.GET)
            record_event(Action.VIEW, self.object)
            return self.show()

    def show(self) -> HttpResponse:
        return render(self.request, self.template_name, self.get_context())

    def get_context(self) -> dict:
        return {
            "title": f"{self.model._meta.verbose_name} {self.object.code}",
            "heading": self.get_heading(),
            "sections": self.get_sections(),
            "related": self.get_related(),
            "actions": self.get_actions(),
            "badges": [],
        }

    def get_heading(self) -> str:
        return str(self.object)

    def get_sections(self) -> list[dict]:
        return []

    def get_related(self) -> list[dict]:
        return []

    def get_actions(self) -> list[dict]:
        if not self.may("change"):
            return []
        return [{"label": _("Edit"), "url": self.object.get_absolute_url() + "edit/", "icon": "pencil"}]


def detail_items(obj, *pairs: tuple[str, str | Callable]) -> list[dict]:
    return [{"label": str(label), "value": display_attr(obj, accessor)} for label, accessor in pairs]


def record_table(title: str, columns: Iterable[tuple[str, str | Callable]], objects, **more) -> dict:
    """Return a table of records related to the one shown, for generic/object_detail.html and home.html."""
    columns = list(columns)
    rows = [
        {"url": obj.get_absolute_url(), "cells": [display_attr(obj, accessor) for _heading, accessor in columns]}
        for obj in objects
    ]
    return {"title": title, "columns": [str(heading) for heading, _accessor in columns], "rows": rows, **more}


class RecordFormView(ScopedView):
    """Shared by create and update views: a refused save shows the form again, with all input."""

    form_class = None
    template_name = "generic/object_form.html"
    title = ""

    def get_form(self, data=None, files=None, **kwargs):
        return self.form_class(data, files, user=self.user, **kwargs)

    def save(self, form):
        """Save and return the record; raise OutOfScope when its user would no longer see it."""
        obj = form.save()
        if not self.model.objects.permitted_to(self.user, self.get_permission()).filter(pk=obj.pk).exists():
            raise OutOfScope
        return obj

    def attempt(self, form, operation: Callable[[], HttpResponse]) -> HttpResponse:
        """Return the response of `operation`, run in a transaction, or the form with the error."""
        try:
            with transaction.atomic():
                return operation()
        except OutOfScope:
            form.add_error(None, _("You would no longer see this record; choose a village, school or class of yours."))
        except ValidationError as error:
            form.add_error(None, error)
        except IntegrityError:
            form.add_error(None, _("Someone saved the same data at this moment. Please check before you save."))
        return self.show(form)

    def show(self, form, status: int = 200) -> HttpResponse:
        return render_page(self.request, self.template_name, self.get_context(form), status=status)

    def get_context(self, form) -> dict:
        return {"title": self.title, "form": form, "submit_label": _("Save"), "cancel_url": self.get_cancel_url()}

    def done(self, obj) -> HttpResponse:
        messages.success(self.request, _("Saved."))
        return HttpResponseRedirect(self.get_success_url(obj))

    def get_success_url(self, obj) -> str:
        return obj.get_absolute_url()


class RecordCreateView(RecordFormView):
    """A new record, saved once however often its form is posted."""

    action = "add"

    def get(self, request):
        return self.show(self.get_form(initial=self.get_initial()))

    def get_initial(self) -> dict:
        return {}

    def post(self, request):
        form = self.get_form(request.POST, request.FILES)
        token = request.POST.get("form_token", "")[:32].replace("\0", "")
        if sent := Submission.objects.filter(token=token).first():
            return self.redirect_to_saved(sent)
        if not form.is_valid():
            return self.show(form)
        try:
            return self.attempt(form, lambda: self.create(form, token))
        except FormSentTwice:
            return self.redirect_to_saved(Submission.objects.get(token=token))

    def redirect_to_saved(self, sent: Submission) -> HttpResponse:
        """Redirect to the saved record with a message, as the user may have gone back to enter another."""
        messages.info(self.request, _("This form was already saved, once. Open a new form for another record."))
        return HttpResponseRedirect(sent.url)

    def create(self, form, token: str) -> HttpResponse:
        submission = claim_form_token(token)
        response = self.done(self.save(form))
        if submission:
            submission.url = response.url
            submission.save()
        return response

    def get_cancel_url(self) -> str:
        return reverse(f"{self.model._meta.model_name}-list")


class FormSentTwice(Exception):
    """The form was posted before, or another request is saving it now."""


def claim_form_token(token: str) -> Submission | None:
    """Claim the one-time token of a form in the open transaction; raise FormSentTwice when it was used."""
    if not token:
        return None
    try:
        with transaction.atomic():
            return Submission.objects.create(token=token)
    except IntegrityError as error:
        raise FormSentTwice from error


class RecordUpdateView(RecordFormView):
    """A change of a record. A stale save writes nothing and shows the differences, for the user to choose."""

    action = "change"

    def get(self, request, code):
        with transaction.atomic():
            self.object = self.get_object()
            if SUGGEST in request.GET:  # no look at the record
                return suggest_for_form(self.get_form(instance=self.object), request.GET)
            record_event(Action.VIEW, self.object, detail={"form": True})
        return self.show(self.get_form(instance=self.object))

    def post(self, request, code):
        self.object = self.get_object()
        data = conflicts.apply_choices(request.POST, self.get_form(instance=self.object))
        base = conflicts.posted_version(data)
        if base != self.object.version or conflicts.is_undecided(request.POST):
            return self.conflict(data, base or 0)
        form = self.get_form(data, request.FILES, instance=self.object)
        if not form.is_valid():
            return self.show(form)
        try:
            return self.attempt(form, lambda: self.done(self.save(form)))
        except StaleRecord:
            return self.conflict(data, base)

    def conflict(self, data, base: int) -> HttpResponse:
        current = self.get_object()
        mine = self.get_form(data, instance=self.get_object())
        context = conflicts.conflict_context(mine, self.get_form(instance=current), current, base)
        self.object = current
        if not context["rows"]:
            return self.done(current)  # both wrote the same
        context |= {"title": _("Somebody else saved this record"), "cancel_url": current.get_absolute_url()}
        return render(self.request, "generic/conflict.html", context, status=409)

    def get_cancel_url(self) -> str:
        return self.object.get_absolute_url()


def child_from_request(request: HttpRequest, queryset):
    """Return the child that the form or `?child=<code>` names, if any; out of `queryset` it is a 404."""
    code = request.POST.get("child") or request.GET.get("child")
    if not code:
        return None
    child = queryset.filter(code=code).first() if code.isalnum() else None
    if child is None:
        raise Http404
    return child
