"""Placing pupils in classes: census sheets name no class, and teachers see only their own class."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from carebase.models import StaleRecord
from carebase.views import RecordFormView
from registry.enrolment.forms import EnrolmentForm
from registry.models import Child
from registry.transfers.placement import check_places


class EnrolmentView(RecordFormView):
    model = Child
    permission = "registry.enrol_child"
    form_class = EnrolmentForm
    title = gettext_lazy("Place pupils in classes")

    def get(self, request):
        return self.show(self.get_form())

    def post(self, request):
        form = self.get_form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            return self.attempt(form, lambda: self.place(form))
        except StaleRecord:
            form.add_error(None, _("Someone else changed one of these files. Nothing was saved; try again."))
            return self.show(form)

    def place(self, form):
        children, school_class = form.cleaned_data["children"], form.cleaned_data["school_class"]
        for child in children:
            check_places(child, {"school_id": school_class.school_id}, self.user)
            child.school_class = school_class
            child.save()
        placed = ngettext("%d child was placed.", "%d children were placed.", len(children)) % len(children)
        messages.success(self.request, placed)
        return HttpResponseRedirect(reverse("child-enrol"))

    def get_cancel_url(self):
        return reverse("child-list")
