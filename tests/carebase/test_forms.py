"""Forms: choices in scope, masked values, sections."""

import datetime as dt

import pytest
from django import forms

from carebase.encryption.masks import mask
from carebase.forms import MaskedField, add_bootstrap_classes
from registry.children.forms import ChildFilter, ChildForm
from tests import factories as f


class Sample(forms.Form):
    text = forms.CharField()
    day = forms.DateField()
    choice = forms.ChoiceField()
    tick = forms.BooleanField()
    several = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    hidden = forms.CharField(widget=forms.HiddenInput)


def test_each_widget_gets_the_class_of_its_kind():
    form = add_bootstrap_classes(Sample())
    classes = {name: field.widget.attrs.get("class") for name, field in form.fields.items()}
    assert classes == {
        "text": "form-control",
        "day": "form-control",
        "choice": "form-select",
        "tick": "form-check-input",
        "several": "form-check-input",
        "hidden": None,
    }
    assert form.fields["day"].widget.input_type == "date"


@pytest.fixture
def masked():
    field = MaskedField()
    field.set_stored_value("13812345678", mask("phone", "13812345678"))
    return field


def test_a_masked_value_left_empty_stays_and_is_no_change(masked):
    assert masked.clean("") == "13812345678"
    assert not masked.has_changed("", "")


@pytest.mark.parametrize("word", ["无", "none", " 无 "])
def test_a_masked_value_is_removed_by_typing_none(masked, word):
    assert masked.clean(word) == ""


def test_a_masked_value_is_replaced_by_what_is_typed(masked):
    assert masked.clean("13900000000") == "13900000000"
    assert masked.has_changed("", "13900000000")
    assert not masked.has_changed("", "13812345678")


def test_the_widget_of_a_masked_field_prints_the_mask_only(masked):
    html = masked.widget.render("phone", "")
    assert "138****5678" in html and "13812345678" not in html
    assert 'autocomplete="off"' in html


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("id_number", "990000201605040013", "************0013"),
        ("father_phone", "13812345678", "138****5678"),
        ("phone", "0717-1234567", "071****4567"),
        ("phone", "8123456", "****56"),  # three and four of seven would hide nothing
        ("phone", "13812345678、8123456", "138****5678、****56"),
        ("residence", "三组十二号", "••••••"),
        ("phone", "", ""),
    ],
)
def test_a_mask_hides_and_still_tells_apart(name, value, shown):
    assert mask(name, value) == shown


@pytest.mark.django_db
def test_relations_offer_only_what_their_user_may_see():
    own, other = f.school_class(), f.school_class(f.other_school())
    form = ChildForm(user=f.teacher_of(own))
    assert list(form.fields["school_class"].queryset) == [own]
    assert list(form.fields["school"].queryset) == [own.school] != [other.school]
    assert f.far_village() not in form.fields["village"].queryset


@pytest.mark.django_db
def test_a_current_value_out_of_scope_stays_valid_and_no_other_is_offered():
    own, far = f.school_class(), f.far_village()
    beside = f.division("990101102202", "另一村")
    child = f.child(living_in=far, school_class=own)
    villages = ChildForm(user=f.teacher_of(own), instance=child).fields["village"].queryset
    assert far in villages and beside not in villages


@pytest.mark.django_db
def test_every_field_of_the_form_is_in_a_section():
    form = ChildForm(user=f.head_of(f.school()))
    placed = [name for _legend, names in form.sections for name in names]
    assert sorted(placed) == sorted(set(form.fields) - {"form_token"})
    assert len(placed) == len(set(placed))


@pytest.mark.django_db
def test_a_new_form_carries_a_token_of_its_own_and_an_old_one_its_version():
    user, child = f.head_of(f.school()), f.child()
    first, second = ChildForm(user=user), ChildForm(user=user)
    assert first["form_token"].value() != second["form_token"].value()
    old = ChildForm(user=user, instance=child)
    assert "form_token" not in old.fields and old["version"].value() == 1


@pytest.mark.django_db
def test_an_unknown_filter_or_a_word_with_nul_is_refused():
    user = f.head_of(f.school())
    assert not ChildFilter({"show": "nonsense"}, user=user).is_valid()
    assert not ChildFilter({"q": "\0"}, user=user).is_valid()


def test_an_empty_choice_says_so_in_words():
    from registry.models import Child

    class Form(forms.ModelForm):
        class Meta:
            model = Child
            fields = ("sex", "disability", "school")

    first = {name: str(next(iter(field.choices))[1]) for name, field in add_bootstrap_classes(Form()).fields.items()}
    assert first == {"sex": "please choose", "disability": "not filled", "school": "not filled"}


DATE_SPELLINGS = (
    "2016-4-5",
    "2016.4.5",
    "2016/4/5",
    "2016年4月5日",
    "20160405",
    "２０１６－０４－０５",
    "２０１６．４．５",
    "2016 4 5",
)


def a_date_form(written: str):
    form = add_bootstrap_classes(Sample({"day": written}))
    form.is_valid()
    return form


@pytest.mark.parametrize("written", DATE_SPELLINGS)
def test_a_date_is_taken_as_people_write_it(written):
    assert a_date_form(written).cleaned_data["day"] == dt.date(2016, 4, 5)


@pytest.mark.parametrize(
    ("written", "why"), [("2016-04", "only the month"), ("16.4.5", "four digits"), ("x", "Write it as")]
)
def test_a_date_that_is_none_is_refused_with_an_example_and_shown_again(written, why):
    form = a_date_form(written)
    [error] = form.errors["day"]
    assert why in error and "2015-06-01" in error
    assert f'type="text" name="day" value="{written}"' in str(form["day"]), "a date input would be empty"
    assert 'type="date"' in str(a_date_form("2016-04-05")["day"])
