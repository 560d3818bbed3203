"""The census, once: from a sheet whose headings nobody knows to one file per child, in Chinese."""

import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from carebase.management.demo_data import days
from tests import workbooks as w
from tests.browser.conftest import Person
from tests.demo_process import manage_command, run_manage, serve_demo

pytestmark = pytest.mark.browser

FORM = Path(__file__).parents[1] / "data" / "census_form_34.xlsx"  # registered beforehand
HEADINGS = ["编号", "哪个娃", "性别", "哪天生的", "身份证", "家住哪里", "老爸", "老爸电话", "评语"]
WRONG_NUMBER = "990000201605040210"
PATIENCE = 20_000  # milliseconds; processes of our own start meanwhile
FATHERS_PHONE = "13900000024"


@pytest.fixture(scope="module")
def registered():
    """The rows of the form that the census begins with, by the child's name."""
    rows = openpyxl.load_workbook(FORM).active.iter_rows(min_row=5, values_only=True)
    return {row[0]: row for row in rows if row[4]}


@pytest.fixture
def where(demo_database, tmp_path):
    """Where a demonstration lies whose long work nobody does before `working`."""
    kept = {"JOBS": "process", "JOBS_ROOT": str(tmp_path / "jobs"), "MEDIA_ROOT": str(tmp_path / "media")}
    return demo_database(tmp_path), kept


@pytest.fixture
def coordinator(chromium, where):
    """The coordinator of the demonstration, at a browser; the form is registered already."""
    database, kept = where
    slug = days.term_of(timezone.localdate())["slug"]
    with serve_demo(database, **kept) as (address, _process):
        done = run_manage(database, "import_census", str(FORM), "--term", slug, "--by", "coordinator", **kept)
        assert done.returncode == 0, done.stdout
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE)
        yield Person(context.new_page(), address.rstrip("/"), "coordinator")
        context.close()


@contextmanager
def working(where):
    """Do the long work in a process beside the server."""
    database, kept = where
    process = subprocess.Popen(**manage_command(database, "work", **kept))
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def list_of_children(registered) -> bytes:
    """Return a sheet with a new child, a changed one, one registered under near the same name, and one refused."""
    known, alike = registered["何静"], registered["赵云"]
    rows = [
        [1, "王一鸣", "男", "2016.5.4", w.number(21), "百里洲镇合心村2组36号", "王强", "13900000011", "爱笑"],
        [2, "何静", "女", known[3], known[4], known[7], "何立", FATHERS_PHONE, ""],
        [3, "赵芸", alike[1], alike[3], None, alike[7], alike[21], alike[24], "没有带户口本"],
        [4, "李二花", "女", "2016年5月4日", WRONG_NUMBER, "百里洲镇关志村1组", "李刚", "13900000013", ""],
    ]
    return w.workbook([["2026年秋季摸底花名册"], HEADINGS, *rows])


@pytest.fixture(autouse=True)
def patience():
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


def test_the_road_from_an_unknown_sheet_to_one_file_a_child(coordinator, where, registered, tmp_path):
    send(coordinator, tmp_path, list_of_children(registered))
    tell_the_columns(coordinator.page)
    look_at_the_progress(coordinator.page)
    with working(where):
        look_at_the_preview(coordinator.page)
        refused = save_the_valid_rows(coordinator.page)
        send(coordinator, tmp_path, mended(refused))
        save_the_rest(coordinator.page)
    merge_and_undo(coordinator)


def send(coordinator, folder: Path, data: bytes):
    path = folder / "花名册.xlsx"
    path.write_bytes(data)
    page = coordinator.open("/children/import/")
    page.set_input_files("input[type=file]", path)
    page.locator("main form button.btn-primary").click()


def tell_the_columns(page):
    page.wait_for_url("**/columns/")
    assert page.locator("[name=column_1]").input_value() == "", "nobody can guess what 哪个娃 is"
    assert page.locator("[name=column_5]").input_value() == "residence"
    expect(page.locator("main table")).to_contain_text("哪个娃")
    expect(page.locator("main table")).not_to_contain_text(FATHERS_PHONE)
    page.locator("form[method=post] button.btn-primary").last.click()
    expect(page.locator("main [role=alert]").first).to_be_visible()  # no name: refused, and all is kept
    page.select_option("[name=column_1]", "name")
    page.select_option("[name=column_3]", "birth_date")
    page.locator("form[method=post] button.btn-primary").last.click()


def look_at_the_progress(page):
    page.wait_for_url("**/jobs/*/")
    expect(page.locator("main progress")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("等待")
    page.reload()
    expect(page.locator("main progress")).to_be_visible()


def line(page, name: str):
    """Return the row of the preview that names a child."""
    return page.locator("main tbody tr").filter(has_text=name).first


def look_at_the_preview(page):
    page.wait_for_url(re.compile(r"/children/import/[^/]+/$"))  # it loads itself anew until the work is done
    for name, kind in (("王一鸣", "新登记"), ("何静", "修改"), ("赵芸", "疑似重复"), ("李二花", "有问题")):
        expect(line(page, name).locator(".mark")).to_have_text(kind)
    expect(line(page, "何静").locator("del")).to_have_text("何利")
    expect(line(page, "何静").locator("ins")).to_have_text("何立")
    expect(line(page, "赵芸").locator(".notes a")).to_contain_text("赵云")
    expect(line(page, "李二花").locator(".notes")).to_contain_text("身份证")
    page.locator("main a[href='?status=problem']").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    page.locator("main a[href='?status=duplicate']").click()
    line(page, "赵芸").locator("input[value=other]").check()


def save_the_valid_rows(page) -> bytes:
    """Save them, and return the workbook of the row that was refused."""
    page.locator("button[name=mode][value=valid]").click()
    link = page.locator("main a[href$='refused.xlsx']").first
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    return Path(download.value.path()).read_bytes()


def mended(data: bytes) -> bytes:
    book = openpyxl.load_workbook(filename=w.io.BytesIO(data))
    sheet = book.active
    cells = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    assert "李二花" in cells and "王一鸣" not in cells
    assert any(str(value).startswith("E 身份证") for value in cells), "the last column says why"
    cells[WRONG_NUMBER].value = w.number(24)
    return w.workbook_bytes(book)


def save_the_rest(page):
    page.wait_for_url(re.compile(r"/children/import/[^/]+/$"))  # the columns were told before
    expect(line(page, "李二花").locator(".mark")).to_have_text("新登记")
    page.locator("button[name=mode][value=all]").click()
    expect(page.locator("h1")).to_contain_text("已保存")


def merge_and_undo(coordinator):
    pair = re.compile("赵[云芸]")
    page = coordinator.open("/children/duplicates/")
    page.locator("main tbody tr").filter(has_text=pair).locator("a").first.click()
    page.wait_for_url(re.compile(r"/children/duplicates/[^/]+/[^/]+/$"))
    expect(page.locator("#id_take-name")).to_contain_text("赵云")
    expect(page.locator("#id_take-name")).to_contain_text("赵芸")
    page.locator("#id_take-name label").filter(has_text="赵云").locator("input").check()
    page.locator("form.merging button.btn-primary").click()
    page.wait_for_url("**/merges/*/")
    merged = page.url
    page.goto(coordinator.site + "/children/duplicates/")
    expect(page.locator("main").filter(has_text=pair)).to_have_count(0)
    page.goto(merged)
    page.locator(f"form[action='{merged.removeprefix(coordinator.site)}'] button").click()
    expect(page.locator("main form button").filter(has_text="撤销")).to_have_count(0)
    page.goto(coordinator.site + "/children/duplicates/")
    expect(page.locator("main tbody tr").filter(has_text=pair)).to_have_count(1)
