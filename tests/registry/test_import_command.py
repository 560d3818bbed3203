"""The import at a terminal: its output, its exit codes, and that it saves what it says."""

import os
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from carebase.management.demo_data import days
from carebase.management.workbook import invented_rows, official_form
from registry.models import Child, ImportBatch
from tests import factories as f
from tests import workbooks
from tests.demo_process import run_manage
from tests.workbooks import number, row

ROOT = Path(__file__).parent.parent.parent
FORM = ROOT / "tests" / "data" / "census_form_34.xlsx"


def run(path, by, *options) -> tuple[int, list[str]]:
    """Return the exit code and the lines that were printed."""
    output = StringIO()
    try:
        call_command("import_census", str(path), "--term", "2026-autumn", "--by", by.username, *options, stdout=output)
    except SystemExit as end:
        return end.code, output.getvalue().splitlines()
    except CommandError as error:
        return error.returncode, [*output.getvalue().splitlines(), str(error)]
    return 0, output.getvalue().splitlines()


@pytest.fixture
def mixed(tmp_path):
    """A form with a sound row, a refused one and a doubtful one."""
    path = tmp_path / "mixed.xlsx"
    wrong = row(name="赵云", id_number=number(13), birth_date="2015-02-30", schooling="大学")
    path.write_bytes(workbooks.official_form(row(), wrong, row(name="李小花", sex="女", id_number=None)))
    return path


def test_a_sound_file_is_saved_and_counted(by):
    code, lines = run(FORM, by)
    assert code == 0
    assert lines == [
        "new: 34",
        "changed: 0",
        "unchanged: 0",
        "possible duplicate: 0",
        "problem: 0",
        "34 children were registered.",
        "0 files were updated.",
    ]
    assert Child.objects.count() == 34


def test_a_refused_row_is_printed_as_row_and_column_and_nothing_is_saved(by, mixed):
    code, lines = run(mixed, by)
    assert code == 1
    assert "5, D 出生日期: “2015-02-30” is a date that does not exist." in lines
    assert any(line.startswith("5, M 就学情况: “大学” is not one of the choices") for line in lines)
    assert lines[-1] == "1 row has a problem; nothing was saved."
    assert (Child.objects.count(), ImportBatch.objects.count()) == (0, 0)


def test_valid_rows_are_saved_on_request_and_the_exit_code_reports_the_refused(by, mixed):
    code, lines = run(mixed, by, "--valid-rows")
    assert code == 1
    assert lines[-2] == "2 children were registered."
    assert set(Child.objects.values_list("name", flat=True)) == {"王小明", "李小花"}


@pytest.mark.parametrize(("options", "code"), [((), 1), (("--valid-rows",), 1), (("--sound-rows",), 1)])
def test_a_dry_run_prints_the_same_and_saves_nothing(by, mixed, options, code):
    found, lines = run(mixed, by, "--dry-run", *options)
    assert (found, lines[-1]) == (code, "Dry run: nothing was saved.")
    assert "new: 2" in lines and any(line.startswith("5, D 出生日期") for line in lines)
    assert (Child.objects.count(), ImportBatch.objects.count()) == (0, 0)


def test_a_dry_run_of_a_sound_file_ends_well(by):
    assert run(FORM, by, "--dry-run")[0] == 0
    assert Child.objects.count() == 0


def test_a_place_narrows_what_is_taken(by):
    code, lines = run(FORM, by, "--place", "990101101201", "--sound-rows")
    assert code == 1
    names = set(Child.objects.values_list("village__name", flat=True))
    assert names == {"合心村"}


def test_a_second_run_finds_all_children_registered(by):
    run(FORM, by)
    code, lines = run(FORM, by)
    assert (code, lines[2], lines[-1]) == (0, "unchanged: 34", "0 files were updated.")


def test_columns_that_are_not_read_are_named(by, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"姓名,性别,身份证号,家庭住址,备注\n王小明,男,{number()},合心村,好\n", encoding="gb18030")
    assert "Columns that are not read: E 备注" in run(path, by)[1]


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [("none.xlsx", None, "none.xlsx"), ("notes.txt", "今天天气很好".encode(), "notes.txt"), ("huge.xlsx", 21, "20 MB")],
)
def test_a_file_that_cannot_be_read_ends_with_two(by, tmp_path, name, data, cause):
    path = tmp_path / name
    if isinstance(data, int):
        with path.open("wb") as file:
            file.truncate(data * 1024 * 1024)
    elif data:
        path.write_bytes(data)
    code, lines = run(path, by)
    assert code == 2
    assert cause in lines[-1]


def test_a_user_without_permission_or_an_unknown_option_ends_with_two(by):
    teacher = f.teacher_of(f.school_class())
    assert run(FORM, teacher) == (2, [f"“{teacher.username}” is not a user who may import children."])
    assert run(FORM, by, "--place", "990101102201")[0] == 2, "a village of another township"
    assert run(FORM, by, "--term", "2031-spring")[0] == 2
    assert Child.objects.count() == 0


def test_a_file_name_with_surrogates_is_imported(by, tmp_path):
    path = tmp_path / os.fsdecode(b"\xb1\xed.xlsx")
    path.write_bytes(workbooks.official_form(row()))
    assert run(path, by)[0] == 0
    assert ImportBatch.objects.get().file_name.endswith(".xlsx")


def test_the_generator_writes_forms_that_import_whole(by, tmp_path):
    path = tmp_path / "invented.xlsx"
    official_form(invented_rows(60), path)
    assert run(path, by)[0] == 0
    assert Child.objects.count() == 60


@pytest.mark.processes
def test_the_exit_codes_reach_the_shell(demo_database, tmp_path):
    """A real process with a database of its own, the demonstration's."""
    database = demo_database(tmp_path)
    slug = days.term_of(timezone.localdate())["slug"]
    sheet, wrong, notes = tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "c.txt"
    sheet.write_bytes(FORM.read_bytes())
    wrong.write_bytes(workbooks.official_form(row(name=None)))
    notes.write_text("今天天气很好", encoding="utf-8")

    def code(path, *arguments) -> int:
        return run_manage(database, "import_census", str(path), *arguments).returncode

    assert [code(path, "--term", slug, "--by", "coordinator") for path in (sheet, wrong, notes)] == [0, 1, 2]
    assert code(sheet) == 2
    with closing(sqlite3.connect(database)) as saved:
        assert saved.execute("SELECT COUNT(*) FROM registry_child WHERE imported_in_id NOT NULL").fetchone() == (34,)
