"""The photo of a child: sent in, shown to who may see it, replaced or removed."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase import pictures, private_files
from carebase.audit.context import acting
from carebase.audit.models import Action, record
from carebase.forms import ScopedForm
from carebase.views import Detail, Editing
from registry import pages
from registry.models import Child


def locked(child: Child, by) -> Child:
    """Return the child's row anew, locked; raise ValidationError when `by` no longer sees the child."""
    current = Child.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=child.pk).first()
    if current is None:
        raise ValidationError(gettext("You no longer see this child; its class, school or village has changed."))
    return current


def set_photo(*, child: Child, data: bytes, by) -> Child:
    """Make `data` the photo of the child in two sizes; raise ValidationError saying why it is none.

    Unpacked and written before the transaction, which is then short; the old photo goes when the new one is committed.
    """
    return replace(child, private_files.store(**pictures.photo_sizes(data)), by)


def remove_photo(*, child: Child, by) -> Child:
    return replace(child, "", by)


def replace(child: Child, name: str, by) -> Child:
    with acting(by), transaction.atomic():
        current = locked(child, by)
        private_files.drop(current.photo)
        current.photo = name
        current.save()
    return current


class FileForm(ScopedForm, forms.Form):
    """One file; its content is judged by `read_file`, which gives what is kept of it."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)

    def clean_file(self):
        return pictures.read_upload(self.cleaned_data["file"])


class PhotoForm(FileForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        field.label, field.help_text = gettext("Photo"), gettext("JPEG, PNG or HEIC, at most 10 MB")
        field.widget.attrs["accept"] = "image/jpeg,image/png,image/heic,image/heif,.heic,.heif"


class Upload(Editing):
    """A page of a child that takes one file; with the button "remove" it takes the old one away."""

    model = Child
    form_class = FileForm

    def get(self, request, code):
        self.object = self.get_object()
        return self.show(self.get_form())

    def post(self, request, code):
        self.object = self.get_object()
        if "remove" in request.POST:
            return self.taken_away()
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        try:
            self.keep(form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
            return self.show(form)
        return self.done(self.object)

    def taken_away(self):
        try:
            self.remove()
        except ValidationError as error:  # the child, or what was to be removed, has gone at this moment
            messages.error(self.request, " ".join(error.messages))
        else:
            messages.success(self.request, gettext("Removed."))
        return HttpResponseRedirect(self.get_success_url(self.object))

    def keep(self, data: bytes) -> None:
        raise NotImplementedError

    def remove(self) -> None:
        raise NotImplementedError

    def get_context(self, form):
        return super().get_context(form) | {"intro": f"{self.object.name} · {self.object.village}"}

    def get_cancel_url(self):
        return self.object.get_absolute_url()


class Photo(Upload):
    permission = "registry.change_photo"
    form_class = PhotoForm
    template_name = "registry/photo_form.html"
    title = _("Photo of the child")

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def keep(self, data):
        set_photo(child=self.object, data=data, by=self.user)

    def remove(self):
        remove_photo(child=self.object, by=self.user)

    def get_context(self, form):
        return super().get_context(form) | {"photo": pages.photo(self.object, self.user)}


class PhotoFile(Detail):
    """The photo itself. Each look at it leaves a line, as the file does."""

    model = Child
    permission = "registry.view_photo"

    def get(self, request, code, size):
        with transaction.atomic():
            child = self.get_object()
            response = private_files.answer(
                child.photo, size, content_type="image/jpeg", filename=f"photo-{child.code}.jpg"
            )
            record(Action.VIEW, child, detail={"photo": size})
        return response
