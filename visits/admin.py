"""The admin of visits and talks."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from carebase.admin.site import ScopedModelAdmin, person_column
from visits.models import Visit


@admin.register(Visit)
class VisitAdmin(ScopedModelAdmin):
    fieldsets = (
        (None, {"fields": ("child", "kind", "made_on", "starts_at", "minutes", "planned")}),
        (_("What happened"), {"fields": ("met", "observed", "said", "advice", "next_on")}),
    )
    list_display = ("child_name", "kind", "counselling", "made_on", person_column("by", _("logged by")))
    list_filter = ("kind", "made_on")
    list_select_related = ("child__village", "by")
    search_fields = ("child__name", "=child__code", "=code")
    ordering = ("-made_on", "-pk")

    @admin.display(description=_("child"))
    def child_name(self, visit):
        return visit.child.name

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.may_be_changed_by(request.user))

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not request.user.role_definition.counsels

    def get_fieldsets(self, request, obj=None):
        facts, findings = super().get_fieldsets(request, obj)
        return [facts] if obj and obj.counselling else [facts, findings]

    def choices_for(self, db_field, request):
        rows = super().choices_for(db_field, request)
        return rows.open() if db_field.name == "child" else rows

    def get_readonly_fields(self, request, obj=None):
        return ("child",) if obj else ()
