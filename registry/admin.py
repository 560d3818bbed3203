"""The admin of the registry: children with their families, definitions, places, terms, postings."""

from django.contrib import admin, messages
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from carebase.accounts.admin import UserAdmin
from carebase.accounts.grants import check_may_grant, grant_refusal
from carebase.admin.scope import ScopedStackedInline
from carebase.admin.site import ScopedModelAdmin, person_column
from carebase.encryption.masks import mask
from carebase.fields import EncryptedField
from carebase.forms import BLANK_CHOICE
from registry import census, identity
from registry.admin_forms import ChildAdminForm, DivisionAdminForm, GuardianshipInlineForm, TermAdminForm
from registry.children.forms import masked_field
from registry.codes.relation import Relation, relation_choices
from registry.models import (
    Absence,
    CategoryMembership,
    Child,
    Definition,
    Division,
    Guardianship,
    Posting,
    Relative,
    School,
    SchoolClass,
    Term,
)


class CensusFieldsMixin:
    """Encrypted fields are masked, and parsed as their census fields say."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, EncryptedField):
            return masked_field(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.choices == Relation.choices:
            kwargs["choices"] = relation_choices(BLANK_CHOICE)
        return super().formfield_for_choice_field(db_field, request, **kwargs)


def two_per_line(columns: dict[str, str]) -> list[tuple[str, ...]]:
    """Return the columns of census fields for fieldsets: each once, two on a line."""
    names = tuple(dict.fromkeys(columns.values()))
    return [names[start : start + 2] for start in range(0, len(names), 2)]


class RelativeInline(CensusFieldsMixin, ScopedStackedInline):
    model = Relative
    fields = (("relation", "state"), *two_per_line(census.columns_of(Relative)))


class AbsenceInline(ScopedStackedInline):
    model = Absence
    fields = (
        ("parent", "reason"),
        ("left_on", "known_on", "returned_on"),
        ("destination", "cross_county"),
        "return_reason",
    )


class GuardianshipInline(CensusFieldsMixin, ScopedStackedInline):
    model, form = Guardianship, GuardianshipInlineForm
    fields = (("starts_on", "ends_on"), *two_per_line(census.GUARDIAN_COLUMNS))


class MembershipInline(ScopedStackedInline):
    model = CategoryMembership
    fields = ("category", ("valid_from", "valid_to"), "basis")


@admin.register(Child)
class ChildAdmin(CensusFieldsMixin, ScopedModelAdmin):
    form = ChildAdminForm
    fieldsets = tuple(
        (section.label, {"fields": section.form_names(Child)})
        for section in census.SECTIONS
        if section.form_names(Child)
    )
    inlines = (RelativeInline, AbsenceInline, GuardianshipInline, MembershipInline)
    list_display = ("name", "sex", "age", "village", "place_in_school", "masked_number", "code")
    list_filter = ("village", "schooling")
    list_select_related = ("village", "school", "school_class__school")
    search_fields = ("name",)
    search_help_text = _("Name, pinyin initials, code or village")
    ordering = ("village", "pinyin", "pk")
    preset_if_only = ("village",)

    @admin.display(description=_("age"), ordering="-birth_date")
    def age(self, child):
        return child.age

    @admin.display(description=_("school and class"))
    def place_in_school(self, child):
        return child.place_in_school

    @admin.display(description=_("ID number masked"))
    def masked_number(self, child):
        return mask("id_number", child.id_number)

    def choices_for(self, db_field, request):
        rows = super().choices_for(db_field, request)
        return rows.villages() if db_field.name == "village" else rows

    def save_model(self, request, obj, form, change):
        identity.set_confirmed_by(obj, by=request.user)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for warning in form.warnings:
            self.message_user(request, warning, messages.WARNING)


@admin.register(Definition)
class DefinitionAdmin(ScopedModelAdmin):
    """The definitions of "left-behind": a coordinator manages variants for their division, the administrator all."""

    fieldsets = (
        (None, {"fields": ("code", "name", "division", "source", "valid_from", "valid_to")}),
        (_("The child"), {"fields": ("below_age", "rural_hukou", "pupils_only")}),
        (_("The parents"), {"fields": ("parents", "months", "days", "for_work", "cross_county")}),
    )
    list_display = ("name", "code", "division", "below_age", "parents", "months", "days", "valid_from", "valid_to")
    list_select_related = ("division",)
    search_fields = ("code", "name")
    ordering = ("valid_from", "code")

    def get_queryset(self, request):
        """Return also the general definitions: papers offer them, so that who keeps variants reads them here."""
        return self.model.objects.readable_by(request.user).order_by(*self.ordering)

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or Definition.objects.visible_to(request.user).filter(pk=obj.pk).exists())

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "division" and field is not None and not request.user.role_definition.keeps_system:
            field.required = True  # a county cannot change the general definitions
        return field


class PlaceAdmin(ScopedModelAdmin):
    """Places, schools or classes: those nearby may be read, those of the user's own postings changed."""

    division_path = "division"

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or self.is_own(request, obj))

    def is_own(self, request, obj) -> bool:
        own = Division.objects.governed_by(request.user)
        return self.model.objects.filter(pk=obj.pk, **{f"{self.division_path}__in": own}).exists()


@admin.register(Division)
class DivisionAdmin(PlaceAdmin):
    division_path = "pk"
    form = DivisionAdminForm
    fields = ("code", "name", "aliases", "contact", "contact_phone", "rural_minors")
    list_display = ("name", "code", "level_name", "rural_minors")
    search_fields = ("^code", "name", "aliases")
    ordering = ("code",)

    @admin.display(description=_("level"), ordering="code")
    def level_name(self, division):
        return division.level

    def get_readonly_fields(self, request, obj=None):
        return ("code",) if obj else ()  # everything below refers to the code

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        missing = Division.objects.missing_above(obj.code)
        if missing:
            text = gettext("Add the place above it, too: %(code)s. Until then, lists show %(name)s without it.")
            self.message_user(request, text % {"code": missing, "name": obj.name}, messages.WARNING)


@admin.register(School)
class SchoolAdmin(PlaceAdmin):
    fields = ("code", "name", "division", "first_grade", "last_grade")
    list_display = ("name", "code", "division", "first_grade", "last_grade")
    list_select_related = ("division",)
    search_fields = ("^code", "name")
    ordering = ("code",)


@admin.register(SchoolClass)
class SchoolClassAdmin(PlaceAdmin):
    division_path = "school__division"
    fields = ("school", "entry_year", "number")
    list_display = ("__str__", "school", "entry_year", "number")
    list_select_related = ("school",)
    search_fields = ("school__name",)
    search_help_text = _("Grade, class, year of entry or school")
    ordering = ("school", "-entry_year", "number")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("school")

    def get_readonly_fields(self, request, obj=None):
        return ("school",) if obj else ()  # its pupils would go with it, and only a transfer moves a pupil

    def choices_for(self, db_field, request):
        return super().choices_for(db_field, request).filter(division__in=Division.objects.governed_by(request.user))


@admin.register(Term)
class TermAdmin(ScopedModelAdmin):
    form = TermAdminForm
    fields = ("starts_on", "ends_on")
    list_display = ("__str__", "starts_on", "ends_on", "short_name")
    search_fields = ("slug",)
    ordering = ("-starts_on",)

    @admin.display(description=_("short name"))
    def short_name(self, term):
        return term.slug


def needs_approval(posting: Posting, before: Posting) -> bool:
    """Return whether a changed posting must be approved again: always, unless it only ends earlier."""
    names = ("division_id", "school_id", "school_class_id", "starts_on")
    if any(getattr(posting, name) != getattr(before, name) for name in names):
        return True
    if posting.ends_on == before.ends_on:
        return False
    return posting.ends_on is None or (before.ends_on is not None and posting.ends_on > before.ends_on)


class PostingInline(ScopedStackedInline):
    """The postings of an account: one may be added here; each is changed on its own page."""

    model, fk_name = Posting, "user"
    fields = (("division", "school", "school_class"), ("starts_on", "ends_on"), "reason")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("division", "school", "school_class__school")

    def has_change_permission(self, request, obj=None):
        return False

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 1


UserAdmin.inlines = (PostingInline,)  # accounts need not know places


class ApprovalFilter(admin.EmptyFieldListFilter):
    def choices(self, changelist):
        everything, empty, filled = super().choices(changelist)
        waiting, approved = {"display": gettext("awaiting approval")}, {"display": gettext("approved")}
        return [everything, empty | waiting, filled | approved]

    def queryset(self, request, queryset):
        return queryset.awaiting_approval() if self.lookup_val == "1" else super().queryset(request, queryset)


@admin.register(Posting)
class PostingAdmin(ScopedModelAdmin):
    fields = ("user", "division", "school", "school_class", "starts_on", "ends_on", "reason")
    list_display = (
        person_column("user", _("user")),
        "role",
        "place_label",
        "starts_on",
        "ends_on",
        person_column("requested_by", _("requested by")),
        person_column("approved_by", _("approved by")),
    )
    list_filter = (("approved_by", ApprovalFilter),)
    list_select_related = ("user", "division", "school", "school_class__school", "requested_by", "approved_by")
    search_fields = ("user__username", "user__name")
    search_help_text = _("Person, or place: grade, class, school or village")
    ordering = ("-starts_on", "pk")
    actions = ("approve",)

    def action_checkbox(self, obj):
        """Carry beside the box what the row shows, so that one approves only what one saw."""
        shown = format_html('<input type="hidden" name="shown" value="{}">', self.state_of(obj))
        return super().action_checkbox(obj) + shown

    @staticmethod
    def state_of(posting) -> str:
        return f"{posting.pk} {posting.version} {posting.user.role}"

    @admin.display(description=_("role"), ordering="user__role")
    def role(self, posting):
        return posting.user.get_role_display()

    @admin.display(description=_("place"))
    def place_label(self, posting):
        return posting.place_label

    def scoped_filter(self, item):
        # The approval filter names nobody, so it needs no scope.
        return item if item == self.list_filter[0] else super().scoped_filter(item)

    def has_change_permission(self, request, obj=None):
        """Let only those above change, and thereby end, what gives somebody rights."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or UserAdmin.is_below(request, obj.user))

    def get_readonly_fields(self, request, obj=None):
        return ("user",) if obj else ()

    def has_approve_permission(self, request):
        return request.user.has_perm("registry.approve_posting")

    @admin.action(description=_("Approve the selected postings"), permissions=["approve"])
    def approve(self, request, queryset):
        approved = 0
        for posting in queryset.select_for_update(of=("self",)).filter(approved_by=None):
            if reason := self.refusal(request, posting):
                self.message_user(request, f"{posting.choice_label}: {reason}", messages.ERROR)
                continue
            posting.approved_by = request.user
            posting.save()
            approved += 1
        message = ngettext("%d posting is approved.", "%d postings are approved.", approved) % approved
        self.message_user(request, message, messages.SUCCESS if approved else messages.WARNING)

    def refusal(self, request, posting) -> str:
        """Return why the user may not approve `posting`, or ""."""
        user = request.user
        if self.state_of(posting) not in request.POST.getlist("shown"):
            return gettext("It has changed since you opened the list, or was not on that page. Look again.")
        if posting.user_id == user.pk:
            return gettext("This is your own posting; a second person must approve it.")
        if posting.requested_by_id == user.pk:
            return gettext("You requested this posting yourself; a second person must approve it.")
        return grant_refusal(user)

    def save_model(self, request, obj, form, change):
        if change and needs_approval(obj, Posting._base_manager.get(pk=obj.pk)):
            check_may_grant(request.user)
            obj.requested_by, obj.approved_by = request.user, None
            self.message_user(request, gettext("The posting awaits approval by a second person."), messages.WARNING)
        super().save_model(request, obj, form, change)


class OfficeAdmin(ScopedModelAdmin):
    """A record of a school or a division: always of the user's own, and preset where there is only one."""

    list_select_related = ("school", "division")

    @admin.display(description=_("office"))
    def office(self, obj):
        return obj.office

    def choices_for(self, db_field, request):
        if db_field.name == "school":
            return School.objects.own_of(request.user)
        return super().choices_for(db_field, request)

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        divisions = [reach.division for reach in request.user.reach if reach.division]
        if len(divisions) == 1 and "school" not in initial:
            initial.setdefault("division", divisions[0])
        return initial
