"""The admin of carers and pairings."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.admin.forms import AdminForm
from carebase.admin.site import ScopedModelAdmin
from carebase.views import claim_form_token
from pairing import services
from pairing.forms import EXCEED, CarerCheckMixin, keep_children_field
from pairing.models import Carer, Pairing
from registry.admin import OfficeAdmin
from registry.models import Child


class CarerAdminForm(CarerCheckMixin, AdminForm):
    keep_children = keep_children_field()

    class Meta:
        model = Carer
        fields = ()


class EndFilter(admin.EmptyFieldListFilter):
    def choices(self, changelist):
        everything, empty, filled = super().choices(changelist)
        return [everything, empty | {"display": gettext("open")}, filled | {"display": gettext("ended")}]


@admin.register(Carer)
class CarerAdmin(OfficeAdmin):
    form = CarerAdminForm
    list_display = ("name", "office", "load", "capacity", "active")
    list_filter = ("active",)
    search_fields = ("name", "=code")
    ordering = ("name", "pk")

    def get_queryset(self, request):
        return super().get_queryset(request).with_load()

    def get_fields(self, request, obj=None):
        reason = ("capacity_reason",) if request.user.has_perm(EXCEED) else ()
        keep = ("keep_children",) if obj and obj.pairings.open().exists() else ()
        return ("name", "user", "division", "school", "capacity", *reason, "active", *keep)

    @admin.display(description=_("places taken"))
    def load(self, carer):
        return carer.load

    def save_model(self, request, obj, form, change):
        if change:
            services.check_load(obj)
        super().save_model(request, obj, form, change)


@admin.register(Pairing)
class PairingAdmin(ScopedModelAdmin):
    """Saves through the services, which enforce the capacity of the carer."""

    list_display = ("child_name", "carer_name", "started_on", "ended_on")
    list_filter = (("ended_on", EndFilter),)
    list_select_related = ("child", "carer")
    search_fields = ("child__name", "=child__code", "carer__name")
    ordering = ("carer__name", "started_on", "pk")

    @admin.display(description=_("child"))
    def child_name(self, pairing):
        return pairing.child.name

    @admin.display(description=_("carer"))
    def carer_name(self, pairing):
        return pairing.carer.name

    def get_fieldsets(self, request, obj=None):
        names = ("child_name", "carer_name", "started_on", "ended_on", "ending")
        return ((None, {"fields": names if obj else ("child", "carer", "started_on")}),)

    def choices_for(self, db_field, request):
        if db_field.name == "child":
            return Child.objects.permitted_to(request.user, "pairing.add_pairing").open()
        return super().choices_for(db_field, request).filter(active=True)

    def get_readonly_fields(self, request, obj=None):
        return ("child_name", "carer_name", "started_on") if obj else ()

    def save_model(self, request, obj, form, change):
        if change:
            self.end(request, obj)
            return
        request.submission = claim_form_token(form.cleaned_data.get("form_token", ""))
        pairing = services.pair(child=obj.child, carer=obj.carer, by=request.user, started_on=obj.started_on)
        obj.__dict__.update(pairing.__dict__)

    def end(self, request, obj) -> None:
        if not obj.ended_on or not obj.ending:
            raise ValidationError(gettext("Enter the last day and the reason for ending."))
        saved = Pairing._base_manager.get(pk=obj.pk)
        services.end(pairing=saved, ended_on=obj.ended_on, ending=obj.ending, by=request.user)
