"""Placing children in classes: a census sheet names no class, and a teacher sees only their own."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from carebase.forms import RowsField, ScopedForm
from carebase.models import StaleRecord
from carebase.views import Editing
from registry.models import Child, SchoolClass

SHOWN = 200  # pupils on one page; place these and the next follow


class EnrolForm(ScopedForm, forms.Form):
    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=gettext_lazy("Class"))
    children = RowsField(
        Child.objects.all(), label=gettext_lazy("Pupils without a class"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        classes, children = self.fields["school_class"], self.fields["children"]
        classes.queryset = classes.queryset.for_choice()
        classes.label_from_instance = lambda row: f"{row.school} {row}"
        waiting = children.queryset.open().unplaced().select_related("village").order_by("-birth_date", "pk")
        children.queryset = waiting
        if not self.is_bound:
            children.choices = [(child.pk, self.words(child)) for child in waiting[:SHOWN]]
            if not children.choices:
                children.required, children.help_text = False, _("Every pupil whom you see is in a class already.")
        children.label_from_instance = self.words

    @staticmethod
    def words(child: Child) -> str:
        years = _("%d years") % child.age
        return f"{child.name}　{years}　{child.village}　{child.get_schooling_display()}"


class Enrol(Editing):
    """A list of pupils without a class, ticked into one."""

    model = Child
    permission = "registry.enrol_child"
    form_class = EnrolForm
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
            form.add_error(None, _("Somebody else changed one of these files meanwhile. Nothing was saved; try again."))
            return self.show(form)

    def place(self, form):
        children = form.cleaned_data["children"]
        for child in children:
            child.school_class = form.cleaned_data["school_class"]
            child.save()
        placed = ngettext("%d child was placed.", "%d children were placed.", len(children)) % len(children)
        messages.success(self.request, placed)
        return HttpResponseRedirect(reverse("child-enrol"))

    def get_cancel_url(self):
        return reverse("child-list")
