"""The list of transfers, the form of an offer, and the page where it is answered."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, When
from django.http import HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from carebase.models import StaleRecord
from carebase.views import RecordDetailView, RecordFormView, RecordListView, detail_items
from registry.models import Child, Transfer
from registry.transfers import services
from registry.transfers.forms import TransferAnswerForm, TransferOfferForm

ANSWERS = {"accept", "decline", "withdraw"}  # the buttons of registry/transfer_detail.html


class TransferFilter(ScopedForm, forms.Form):
    WAITING = "waiting"
    STATES = (("", _("any")), (WAITING, _("waiting for your answer")), *Transfer.State.choices)

    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)

    def narrow(self, transfers):
        state = self.cleaned_data["state"]
        if state == self.WAITING:
            return transfers.filter(pk__in=Transfer.objects.answerable_by(self.user).values("pk"))
        return transfers.filter(state=state) if state else transfers


class TransferListView(RecordListView):
    model = Transfer
    filter_class = TransferFilter
    title = _("Transfers")
    empty_text = _("No child was offered to you or by you.")
    columns = (
        (_("Child"), "child.name"),
        (_("Transferred from"), "origin"),
        (_("Transferred to"), "destination"),
        (_("State"), "state"),
        (_("Offered"), "offered_at"),
        (_("Answered"), "answered_at"),
    )

    def get_queryset(self):
        places = ("from_village", "to_village", "from_school", "to_school")
        waiting_first = Case(When(state=Transfer.State.OPEN, then=0), default=1)
        return super().get_queryset().select_related("child", *places).order_by(waiting_first, "-pk")


class TransferCreateView(RecordFormView):
    model = Transfer
    action = "add"
    form_class = TransferOfferForm
    title = _("Transfer the child")

    @cached_property
    def child(self) -> Child:
        return get_object_or_404(
            Child.objects.permitted_to(self.user, self.get_permission()).select_related("village", "school"),
            code=self.kwargs["code"],
        )

    def get(self, request, code):
        return self.show(self.get_form())

    def post(self, request, code):
        form = self.get_form(request.POST)
        return self.attempt(form, lambda: self.done(self.save(form))) if form.is_valid() else self.show(form)

    def save(self, form):
        data = form.cleaned_data
        return services.offer_transfer(child=self.child, to=data["place"], reason=data["reason"], by=self.user)

    def done(self, obj):
        messages.success(self.request, gettext("Offered. The file stays with you until the other side accepts."))
        return HttpResponseRedirect(obj.get_absolute_url())

    def get_context(self, form):
        parts = (self.child.name, self.child.village, self.child.school)
        intro = " · ".join(str(part) for part in parts if part)
        return super().get_context(form) | {"intro": intro, "submit_label": gettext("Offer the file")}

    def get_cancel_url(self):
        return self.child.get_absolute_url()


class TransferDetailView(RecordDetailView):
    """One offer as both sides may see it, with the buttons of the side that may answer or withdraw it."""

    model = Transfer
    template_name = "registry/transfer_detail.html"

    def get_queryset(self):
        people = ("offered_by", "answered_by", "from_village", "to_village", "from_school", "to_school")
        return super().get_queryset().select_related("child", *people)

    def post(self, request, code):
        if not self.may("change"):
            raise PermissionDenied
        self.object, answer = self.get_object(), request.POST.get("answer")
        if answer not in ANSWERS:
            return HttpResponseBadRequest()
        self.form = TransferAnswerForm(request.POST, user=self.user, transfer=self.object)
        if self.form.is_valid() and self.save_answer(answer, self.form.cleaned_data):
            return HttpResponseRedirect(self.object.get_absolute_url())
        self.object.refresh_from_db()
        return self.show()

    def save_answer(self, answer: str, data: dict) -> bool:
        """Return whether the answer was saved; if not, the reason is among the form's errors."""
        try:
            match answer:
                case "accept":
                    services.accept_transfer(transfer=self.object, by=self.user, **data)
                    messages.success(self.request, gettext("Accepted. The file is now yours, with all its records."))
                case "decline":
                    services.decline_transfer(transfer=self.object, by=self.user, words=data["words"])
                case "withdraw":
                    services.withdraw_transfer(transfer=self.object, by=self.user)
        except ValidationError as error:
            self.form.add_error(None, error)
        except StaleRecord:
            self.form.add_error(None, gettext("Someone has just saved this file. Please check it again."))
        return not self.form.errors

    def get_heading(self):
        return f"{self.object.child.name} · {self.object.destination}"

    def get_sections(self):
        """Return only what the other side needs to recognise the child: the file is not theirs yet."""
        about = detail_items(
            self.object,
            (_("Child"), "child.name"),
            (_("Sex"), "child.sex"),
            (_("Age"), "child.age"),
            (_("Transferred from"), "origin"),
            (_("Transferred to"), "destination"),
            (_("Reason"), "reason"),
            (_("State"), "state"),
            (_("Offered by"), "offered_by.name"),
            (_("Offered"), "offered_at"),
            (_("Answered by"), "answered_by.name"),
            (_("Answered"), "answered_at"),
            (_("Comment on the answer"), "answer"),
        )
        return [{"title": gettext("The transfer"), "items": about, "note": self.note()}]

    def note(self) -> str:
        """Return who may accept, where the reader offered the child to a place of their own."""
        own = self.object.state == Transfer.State.OPEN and self.object.offered_by_id == self.user.pk
        if own and Transfer.objects.offered_to(self.user).contains(self.object):
            return services.second_person_message(self.object)
        return ""

    def get_actions(self):
        return []

    def get_context(self):
        open_ = self.object.state == Transfer.State.OPEN and self.may("change")
        answering = open_ and Transfer.objects.answerable_by(self.user).filter(pk=self.object.pk).exists()
        if answering and not hasattr(self, "form"):
            self.form = TransferAnswerForm(user=self.user, transfer=self.object)
        return super().get_context() | {
            "form": self.form if answering or hasattr(self, "form") else None,
            "answering": answering,
            "withdrawing": open_ and Transfer.objects.sent_by(self.user).filter(pk=self.object.pk).exists(),
        }
