"""Uploading, replacing or removing the photo of a child, and the photo itself."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Action, record_event
from carebase.files import private
from carebase.views import RecordDetailView, RecordFormView
from registry import display
from registry.models import Child
from registry.photos.forms import FileForm, PhotoForm
from registry.photos.services import remove_photo, set_photo


class FileUploadView(RecordFormView):
    """A page of a child with one file. Subclasses define `save_file(data)`, and `remove_file()` for its button."""

    model = Child
    form_class = FileForm

    def get(self, request, code):
        self.object = self.get_object()
        return self.show(self.get_form())

    def post(self, request, code):
        self.object = self.get_object()
        if "remove" in request.POST:
            return self.remove()
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        try:
            self.save_file(form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
            return self.show(form)
        return self.done(self.object)

    def remove(self):
        try:
            self.remove_file()
        except ValidationError as error:  # somebody else removed the file, or moved the child, meanwhile
            messages.error(self.request, " ".join(error.messages))
        else:
            messages.success(self.request, gettext("Removed."))
        return HttpResponseRedirect(self.get_success_url(self.object))

    def get_context(self, form):
        return super().get_context(form) | {"intro": f"{self.object.name} · {self.object.village}"}

    def get_cancel_url(self):
        return self.object.get_absolute_url()


class ChildPhotoView(FileUploadView):
    permission = "registry.change_photo"
    form_class = PhotoForm
    template_name = "registry/photo_form.html"
    title = _("Photo of the child")

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def save_file(self, data):
        set_photo(child=self.object, data=data, by=self.user)

    def remove_file(self):
        remove_photo(child=self.object, by=self.user)

    def get_context(self, form):
        return super().get_context(form) | {"photo": display.photo_context(self.object, self.user)}


class ChildPhotoFileView(RecordDetailView):
    """The photo itself; viewing it is audited like viewing the file."""

    model = Child
    permission = "registry.view_photo"

    def get(self, request, code, size):
        with transaction.atomic():
            child = self.get_object()
            response = private.file_response(
                child.photo, size, content_type="image/jpeg", filename=f"photo-{child.code}.jpg"
            )
            record_event(Action.VIEW, child, detail={"photo": size})
        return response
