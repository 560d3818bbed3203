"""The form of a guardianship with its agreement and assessment, the scan, and the filter of entrusted care."""

import uuid

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.encryption.masks import mask
from carebase.forms import MaskedField, ScopedForm
from registry import identity
from registry.cell_readers import DECEASED, UNKNOWN, read_name
from registry.children.forms import YES_NO_VALUES, CellTextField, MaskedCellField
from registry.codes.people import parse_phone
from registry.codes.relation import relation_choices
from registry.guardianship.assessment import DEFINITIONS, Grade, find_contradiction
from registry.guardianship.services import AGREEMENT_FIELDS, ASSESSMENT_FIELDS, FACT_FIELDS
from registry.models import Entrustment
from registry.models.entrustment import Ground
from registry.photos.forms import FileForm

ENTRUSTED, FAMILY, ALONE = "entrusted", "family", "alone"
CARE = (
    (ENTRUSTED, _("a carer entrusted by the parents")),
    (FAMILY, _("a parent, or a relative who needs no entrustment")),
    (ALONE, _("nobody: the child lives alone")),
)
ANSWERS = (("yes", _("yes")), ("no", _("no")))
GRADES = [(grade.value, format_lazy("{}{}{}", grade.label, _(": "), DEFINITIONS[grade])) for grade in Grade]
# Dates that cannot lie in the future, unlike the end of a term or a review.
PAST_DATES = ("starts_on", "found_on", "assessed_on", "signed_on", "school_told_on", "village_told_on")
PAST_DATES += ("handed_over_on", "taken_back_on", "ended_on")
MASKED_FIELDS = ("phone", "id_number", "address")
CARER_FIELDS = ("reasons", *Ground.values, "opinion")
AGREEMENT_DETAILS = tuple(name for name in AGREEMENT_FIELDS if name not in Ground.values)


def date_field(label, **more) -> forms.DateField:
    return forms.DateField(label=label, required=False, **more)


def text_field(label, length: int, *, long: bool = False, **more) -> forms.CharField:
    widget = forms.Textarea if long else forms.TextInput
    return forms.CharField(label=label, max_length=length, required=False, widget=widget, **more)


def ground_field(ground: Ground) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=ground.label,
        choices=ANSWERS,
        coerce=YES_NO_VALUES.get,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


class GuardianshipForm(ScopedForm, forms.Form):
    """A new guardianship, or with `row` the present one; `file` has the facts that the assessment must agree with."""

    starts_on = forms.DateField(label=_("Since"), initial=timezone.localdate)
    care = forms.ChoiceField(label=_("Who looks after the child"), choices=CARE, widget=forms.RadioSelect)
    name = CellTextField(label=_("Guardian's full name"), read=read_name, max_length=60)
    relation = forms.ChoiceField(
        label=_("Relation to the child"), required=False, choices=relation_choices(("", _("not filled")))
    )
    phone = MaskedCellField(
        label=_("Guardian's phone"), read=lambda value: "、".join(parse_phone(value)), max_length=60
    )
    id_number = MaskedCellField(
        label=_("Guardian's resident ID number"), read=identity.validate_id_number, max_length=30
    )
    address = MaskedField(label=_("Guardian's address"), max_length=200)
    found_on = date_field(_("Found on"), help_text=_("Only if nobody looks after the child: the day this was found."))

    reasons = text_field(
        _("Reasons for choosing this carer"),
        500,
        long=True,
        help_text=_("Character, family, health, and how close carer and child are"),
    )
    harmed, addicted, neglected, unsuitable = (ground_field(ground) for ground in Ground)
    opinion = forms.ChoiceField(
        label=_("The child's opinion"), required=False, choices=[("", _("not asked yet")), *Entrustment.Opinion.choices]
    )
    opinion_words = text_field(_("What the child said"), 500, long=True)

    term_from, term_to = date_field(_("Term from")), date_field(_("Term until"))
    handed_over_on = date_field(_("Child handed over to the carer on"))
    taken_back_on = date_field(_("Child taken back by the parents on"))
    signed_on = date_field(_("Agreement signed on"), help_text=_("Leave empty while it is a draft."))
    by_phone = forms.BooleanField(
        label=_("Entrusted by phone because the parent is away; the village called and kept a record"), required=False
    )
    ended_on = date_field(_("Agreement ended on"))
    ending = text_field(_("Reason for ending"), 200)

    school_told_on = date_field(_("School notified in writing on"))
    village_told_on = date_field(_("Village notified in writing on"))
    review_on = date_field(_("Review due on"))

    assessment = forms.ChoiceField(
        label=_("Guardianship assessment"),
        required=False,
        choices=[("", _("not assessed yet")), *GRADES],
        widget=forms.RadioSelect,
    )
    assessed_on = date_field(_("Assessed on"))
    assessment_reason = text_field(
        _("Reason for this grade"), 200, help_text=_("Only if the form's definition gives another grade.")
    )

    sections = (
        (
            _("Who looks after the child"),
            ("starts_on", "care", "name", "relation", "phone", "id_number", "address", "found_on"),
        ),
        (_("Choice of carer"), ("reasons", "opinion", "opinion_words")),
        (
            _("Article 22: a person who … may not be a carer. Answer each point for the person you chose."),
            tuple(Ground.values),
        ),
        (
            _("The agreement"),
            ("term_from", "term_to", "handed_over_on", "taken_back_on", "signed_on", "by_phone", "ended_on", "ending"),
        ),
        (_("Written notices (article 23), and the review"), ("school_told_on", "village_told_on", "review_on")),
        (_("Assessment"), ("assessment", "assessed_on", "assessment_reason")),
    )

    def __init__(self, *args, file, row=None, **kwargs):
        self.file, self.row, self.grounds = file, row, []
        self.entrustment = getattr(row, "entrustment", None)
        kwargs["initial"] = self.stored_values() | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=file.child.version, min_value=0, max_value=2**31 - 1
        )
        if row is None:
            self.fields["form_token"] = forms.CharField(
                widget=forms.HiddenInput, max_length=32, required=False, initial=lambda: uuid.uuid4().hex
            )
            del self.fields["ended_on"], self.fields["ending"]
        else:
            self.fields["care"].choices = [choice for choice in CARE if (choice[0] == ALONE) == row.alone]
        for name in MASKED_FIELDS:
            stored = getattr(row, name, "")
            self.initial[name] = ""
            self.fields[name].set_stored_value(stored, mask(name, stored))

    def stored_values(self) -> dict:
        """Return the initial values of the present guardianship and its agreement."""
        if self.row is None:
            return {}
        values = {name: getattr(self.row, name) for name in (*FACT_FIELDS, *ASSESSMENT_FIELDS)}
        values["care"] = ALONE if self.row.alone else {True: ENTRUSTED, False: FAMILY}.get(self.row.entrusted, "")
        if self.entrustment:
            values |= {name: getattr(self.entrustment, name) for name in AGREEMENT_DETAILS}
            values |= {name: "yes" if getattr(self.entrustment, name) else "no" for name in Ground.values}
        return values

    @property
    def agreement(self) -> bool:
        """Return whether to save an agreement: always for a new carer, for an old one as soon as anything is filled."""
        if self.cleaned_data.get("care") != ENTRUSTED:
            return False
        filled = any(self.cleaned_data.get(name) not in (None, "", False) for name in AGREEMENT_DETAILS)
        answered = any(self.cleaned_data.get(name) is not None for name in Ground.values)
        return self.row is None or self.entrustment is not None or filled or answered

    def clean(self):
        cleaned = super().clean()
        for name in PAST_DATES:
            if cleaned.get(name) and cleaned[name] > timezone.localdate():
                self.add_error(name, gettext("The date is in the future."))
        match cleaned.get("care"):
            case "entrusted":
                self.check_carer(cleaned)
            case "alone":
                self.check_alone(cleaned)
        if cleaned.get("care") != ALONE and cleaned.get("name") in (DECEASED, UNKNOWN):
            self.add_error("name", gettext("Enter the name of the person who looks after the child."))
        if cleaned.get("care") != ENTRUSTED:
            self.refuse_agreement(cleaned)
        self.check_grade(cleaned)
        return cleaned

    def check_carer(self, cleaned: dict) -> None:
        if not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", gettext("Enter the guardian entrusted by the parents."))
        if not self.agreement:
            return
        for name in CARER_FIELDS:
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, gettext("Please answer this: the law requires it for every carer."))
        if cleaned.get("opinion") in ("agrees", "other") and not cleaned.get("opinion_words"):
            self.add_error("opinion_words", gettext("Enter what the child said."))
        if cleaned.get("term_to") and not cleaned.get("term_from"):
            self.add_error("term_from", gettext("Enter the first day of the term."))
        if cleaned.get("ended_on") and not cleaned.get("ending"):
            self.add_error("ending", gettext("Enter why the agreement ended."))
        self.grounds = [name for name in Ground.values if cleaned.get(name)]
        for name in self.grounds:
            self.add_error(name, gettext("Article 22 forbids entrusting the child to this person."))

    def check_alone(self, cleaned: dict) -> None:
        if any(cleaned.get(name) for name in ("name", "relation", *MASKED_FIELDS)):
            self.add_error("care", gettext("A carer is named below. Choose who it is, or leave the name empty."))
        if not cleaned.get("found_on"):
            self.add_error("found_on", gettext("Enter when it was found that nobody looks after the child."))

    def refuse_agreement(self, cleaned: dict) -> None:
        """Refuse an agreement without a carer: it would be lost."""
        filled = any(cleaned.get(name) not in (None, "", False) for name in AGREEMENT_DETAILS)
        if cleaned.get("care") and (filled or any(cleaned.get(name) for name in Ground.values)):
            self.add_error(
                "care", gettext("An agreement is filled in below. It needs a carer entrusted by the parents.")
            )
        if cleaned.get("care") == FAMILY and cleaned.get("found_on"):
            self.add_error("found_on", gettext("This day is for a child whom nobody looks after. Leave it empty."))

    def check_grade(self, cleaned: dict) -> None:
        grade, reason = cleaned.get("assessment"), cleaned.get("assessment_reason")
        if not grade and (cleaned.get("assessed_on") or reason):
            self.add_error("assessment", gettext("Choose the grade that was given."))
        alone = cleaned.get("care") == ALONE
        why = find_contradiction(self.file, alone=alone, name=cleaned.get("name") or "", grade=grade or "")
        if why and not reason:
            advice = gettext("Choose it, or explain here why it does not apply.")
            self.add_error("assessment_reason", f"{why} {advice}")

    def values(self) -> dict:
        """Return the model values for the services."""
        care = self.cleaned_data["care"]
        own = {"entrusted": care == ENTRUSTED if care != ALONE else None, "alone": care == ALONE}
        return {"ended_on": None, "ending": "", **self.cleaned_data, **own}


class ScanForm(FileForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        field.label = gettext("Scan of the agreement")
        field.help_text = gettext("A photo of the signed paper (JPEG, PNG, HEIC) or a PDF, at most 10 MB")
        field.widget.attrs["accept"] = "image/jpeg,image/png,image/heic,image/heif,.heic,.heif,application/pdf"


class EntrustmentFilter(ScopedForm, forms.Form):
    """All entrusted guardianships, those that need work, or those with one kind of lack."""

    SHOW = {
        "work": (_("all that need action"), lambda rows: rows.needing_action()),
        "unwritten": (_("no agreement recorded"), lambda rows: rows.without_agreement()),
        "unsigned": (_("not signed"), lambda rows: rows.unsigned()),
        "expired": (_("expired"), lambda rows: rows.expired()),
        "over": (_("ended, no new carer"), lambda rows: rows.agreement_ended()),
        "untold": (_("school or village not notified in writing"), lambda rows: rows.not_notified()),
        "review": (_("review due"), lambda rows: rows.due_for_review()),
        "all": (_("all entrusted children"), lambda rows: rows.entrusted_now()),
    }
    show = forms.ChoiceField(label=_("Show"), required=False, choices=[(name, row[0]) for name, row in SHOW.items()])

    def narrow(self, queryset):
        return self.SHOW[self.cleaned_data["show"] or "work"][1](queryset)
