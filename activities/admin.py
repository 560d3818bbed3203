"""The admin of activities, with their goods and attendance on one page, and of donations."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from activities import services
from activities.admin_forms import ActivityAdminForm, selectable_children
from activities.models import Activity, Donation, Goods
from carebase.admin.scope import ScopedStackedInline
from carebase.display import display
from registry.admin import OfficeAdmin


class GoodsInline(ScopedStackedInline):
    model = Goods
    fields = (("item", "quantity", "value"),)

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj else 3


@admin.register(Activity)
class ActivityAdmin(OfficeAdmin):
    form = ActivityAdminForm
    inlines = (GoodsInline,)
    list_display = ("title", "kind", "held_on", "office", "children_count")
    list_filter = ("kind",)
    search_fields = ("title", "=code")
    ordering = ("-held_on", "-pk")

    def get_fieldsets(self, request, obj=None):
        names = ("title", "kind", "held_on", "ended_on", "division", "school", "place", "organiser", "leader")
        names += ("children_reached", *self.get_readonly_fields(request, obj), "summary")
        fieldsets = [(None, {"fields": names})]
        if not hasattr(request, "selectable"):
            request.selectable = selectable_children(request.user, obj)
        if request.selectable is None:
            note = _("There are too many children to tick here. Record attendance on the activity's own page.")
            return [*fieldsets, (_("Children present"), {"fields": (), "description": note})]
        return [*fieldsets, (_("Children present"), {"fields": ("everyone", "present", "give_each")})]

    def get_readonly_fields(self, request, obj=None):
        return ("on_list", "goods_value") if obj else ()

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    @admin.display(description=_("children reached"))
    def children_count(self, activity):
        return activity.children_count

    @admin.display(description=_("children on the list"))
    def on_list(self, activity):
        return activity.attendances.count()

    @admin.display(description=_("value of all goods, yuan"))
    def goods_value(self, activity):
        return display(activity.goods_value())

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.selectable = getattr(request, "selectable", None)
        return form

    def set_user_fields(self, request, obj) -> None:
        super().set_user_fields(request, obj)
        if isinstance(obj, Goods) and obj.pk:
            services.check_handed_out(obj, obj.quantity)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if "present" not in form.cleaned_data:
            return
        services.record_attendance(activity=form.instance, children=form.children_after_save(), by=request.user)
        if form.cleaned_data["give_each"]:
            count = services.hand_out(activity=form.instance, by=request.user)
            message = ngettext("%d piece was handed out.", "%d pieces were handed out.", count) % count
            self.message_user(request, message, messages.SUCCESS)


@admin.register(Donation)
class DonationAdmin(OfficeAdmin):
    fields = ("kind", "donor", "received_on", "amount", "about", "purpose", "activity", "division", "school")
    list_display = ("giver", "kind", "received_on", "amount", "office")
    list_filter = ("kind",)
    search_fields = ("donor", "purpose", "=code")
    ordering = ("-received_on", "-pk")

    @admin.display(description=_("donor"), ordering="donor")
    def giver(self, donation):
        return donation.giver
