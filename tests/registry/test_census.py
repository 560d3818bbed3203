"""The one declaration of the census file: it names every editable field, and a field added to it is everywhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import translation

from carebase.fields import EncryptedField
from registry import census
from registry.children.forms import ChildForm
from registry.models import Absence, Child, Guardianship, Relative
from tests import factories as f

ROOT = Path(__file__).resolve().parents[2]
# The columns that a person can write and no census field names, each with the reason.
OTHERWISE = {
    Child: {},
    Relative: {"child": "the file", "relation": "said by the field's name", "state": "said by the name: — or 不详"},
    Absence: {
        "child": "the file",
        "parent": "said by the field's name",
        "destination": "written from the parent's place of work",
        "reason": "asked where an absence is recorded by itself",
        "returned_on": "the day on which “away” becomes “no”",
        "return_reason": "asked where a return is recorded",
    },
    Guardianship: {
        "child": "the file",
        "ends_on": "the day on which the next one begins",
        "assessed_on": "asked with the grade on the page of the guardianship",
        "assessment_reason": "asked with the grade on the page of the guardianship",
        "alone": "found on the page of the guardianship",
        "found_on": "found on the page of the guardianship",
    },
}


@pytest.mark.parametrize("model", OTHERWISE)
def test_every_editable_column_is_declared_or_has_its_reason(model):
    editable = {field.name for field in model._meta.concrete_fields if field.editable and not field.primary_key}
    declared = {field.column.name for field in census.FIELDS if field.model is model}
    assert editable == declared | OTHERWISE[model].keys()
    assert not declared & OTHERWISE[model].keys()


def test_what_is_encrypted_is_masked_and_nothing_else():
    columns = {field.name: isinstance(field.column, EncryptedField) for field in census.FIELDS}
    assert {field.name: field.masked for field in census.FIELDS} == columns


def test_a_field_of_the_child_is_called_alike_in_the_declaration_and_in_the_model():
    own = [field for field in census.FIELDS if field.model is Child and field.name != "disability"]
    assert {field.name: str(field.label) for field in own} == {
        field.name: str(field.column.verbose_name) for field in own
    }


def test_names_are_given_once_and_the_printed_numbers_are_1_to_43():
    assert len(census.BY_NAME) == len(census.FIELDS)
    assert [field.number for field in census.PRINTED_FIELDS] == list(range(1, 44))


@pytest.mark.parametrize(("language", "expected"), [("en", "Household registered"), ("zh-hans", "是否登记户口")])
def test_labels_of_the_form_are_in_the_language_of_who_reads_it(db, language, expected):
    form = ChildForm(user=f.head_of(f.school()))
    with translation.override(language):
        assert str(form.fields["hukou_registered"].label) == expected
        assert str(form.sections[0][0]) == {"en": "The child", "zh-hans": "留守儿童个人基本情况"}[language]


# README, "To change a field of the census file, touch": the model, and one declaration.
MODEL_LINES = {
    "registry/models/children.py": (
        '    illness = ShortNoteField(_("type of illness")',
        '    added_text = models.CharField(_("added text"), max_length=10, blank=True)\n'
        '    added_day = models.DateField(_("added day"), null=True, blank=True)\n',
    ),
    "registry/models/family.py": (
        '    relation = models.CharField(_("relation to the child"), max_length=2, choices=Relation, blank=True)',
        '    added_note = models.CharField(_("added note of the guardian"), max_length=50, blank=True)\n',
    ),
}
DECLARATIONS = {
    '    CensusField("illness"': (
        '    CensusField("added_text", _("added text"), "试验文字", text_reader(10)),\n'
        '    CensusField("added_day", _("added day"), "试验日期", cells.parse_date),\n'
    ),
    '    GuardianField("guardian_address"': (
        '    GuardianField("guardian_added_note", _("added note of the guardian"), "监护人试验项", **WORK_PLACE),\n'
    ),
}


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the checkout in which somebody followed the recipe."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    skipped = shutil.ignore_patterns("__pycache__")
    for name in ("carebase", "registry", "visits", "pairing", "activities", "templates", "static", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=skipped)
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    for name, (line, added) in MODEL_LINES.items():
        add_before(copy / name, line, added)
    for line, added in DECLARATIONS.items():
        add_before(copy / "registry/census.py", line, added)
    return copy


def add_before(path: Path, line: str, added: str) -> None:
    text = path.read_text()
    assert text.count(line) == 1, line
    path.write_text(text.replace(line, added + line))


def run(folder: Path, *command: str, database: str) -> None:
    environment = os.environ | {"DATABASE_URL": database}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]


@pytest.mark.postgres
@pytest.mark.processes
def test_a_field_added_by_the_recipe_goes_from_a_sheet_to_every_page_and_back(checkout):
    own = f"sqlite:///{checkout}/own.sqlite3"
    run(checkout, "manage.py", "makemigrations", "registry", "--name", "added_fields", database=own)
    if connection.vendor != "sqlite":  # a database beside the one of these tests
        url = urlsplit(os.environ["DATABASE_URL"])
        own = url._replace(path=f"{url.path}_added").geturl()
    run(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/registry/added_field.py", database=own)
