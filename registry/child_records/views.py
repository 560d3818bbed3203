"""The view that creates a record of one child."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from carebase.views import RecordCreateView, child_from_request
from registry.models import Child


class ChildRecordCreateView(RecordCreateView):
    """A new record of the child that `?child=<code>` names; without one, the user must choose a child first."""

    def get(self, request):
        return super().get(request) if self.child else self.redirect_to_list()

    def post(self, request):
        return super().post(request) if self.child else self.redirect_to_list()

    @cached_property
    def child(self) -> Child | None:
        children = Child.objects.permitted_to(self.user, self.get_permission()).select_related("village")
        return child_from_request(self.request, children)

    def redirect_to_list(self):
        messages.info(self.request, _("Choose a child first: open the file and continue from there."))
        return HttpResponseRedirect(reverse("child-list"))

    def get_initial(self):
        return {"child": self.child}

    def get_context(self, form):
        return super().get_context(form) | {"intro": f"{self.child.name} · {self.child.village}"}

    def get_cancel_url(self):
        return self.child.get_absolute_url()

    def get_success_url(self, obj):
        return obj.child.get_absolute_url()
