"""Every page that each role can reach by following links: accessible, within the screen, in Chinese, without errors."""

from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, get_resolver, resolve
from playwright.sync_api import expect

from carebase.accounts.roles import Role
from tests.browser.conftest import Person
from tests.demo_process import serve_demo

pytestmark = pytest.mark.browser

WIDTHS = (360, 1440)
# Answered with a file, a redirect, or only to a POST; or Django admin's own machinery without a page.
NO_PAGE = {"healthz", "login", "logout", "set_language", "child-unmask", "term-report", "term-report-command"}
NO_PAGE |= {"child-photo-file", "child-agreement-file", "paper-file", "import-refused", "trail-seal"}
NO_PAGE |= {"event-csv", "event-xlsx"}
NO_PAGE |= {"admin:jsi18n", "admin:autocomplete", "admin:view_on_site", "admin:logout", "admin:password_change"}
NO_PAGE |= {"admin:password_change_done", "admin:login", "admin:app_list"}
LEAVE = ("/admin/logout/", "/logout/")
AXE, RULES = (
    Axe(),
    {"preload": False, "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}},
)


def page_of(path: str) -> str:
    """Return the name of the page that answers `path`, or "" for none of ours."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return match.view_name or match.route


def crawl(person, seen: set[str]) -> list[str]:
    """Open one address of each page that is reachable and not in `seen`; return what is wrong with each."""
    page, faults, queue = person.page, [], ["/"]
    page.on("console", lambda message: complain(faults, page.url, message))
    queued = {""}
    while queue:
        path = queue.pop(0)
        response = page.goto(person.site + path)
        if response.status >= 400:
            faults.append(f"{path}: {response.status}")
            continue
        if (name := page_of(urlsplit(path).path)) not in seen:
            seen.add(name)
            faults += look_at(person, path)
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            parts = urlsplit(link)
            name = page_of(parts.path)
            own = f"{parts.scheme}://{parts.netloc}" == person.site
            if own and name not in queued | NO_PAGE and not parts.path.startswith(LEAVE):
                queued.add(name)
                queue.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return faults


def complain(faults: list[str], url: str, message) -> None:
    if message.type == "error":
        faults.append(f"{url}: {message.text}")


def look_at(person, path: str) -> list[str]:
    """Return the findings on one page at both widths."""
    page, faults = person.page, []
    if page.locator("html").get_attribute("lang") not in {"zh-hans", "zh-Hans"}:
        faults.append(f"{path}: not marked as Chinese")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            faults.append(f"{path}: {wide} px wide on a screen of {width}")
        for finding in AXE.run(page, options=RULES).response["violations"]:
            where = finding["nodes"][0]["html"][:150]
            faults.append(f"{path} at {width} px: {finding['id']}: {where}")
    return faults


@pytest.fixture(scope="module")
def seen():
    """The pages that were looked at, by whichever role came first."""
    return set()


def test_sheets_are_sent_in_so_that_previews_and_records_are_pages(person, seen, tmp_path):
    coordinator = person("coordinator")
    whole = Path(__file__).parents[1] / "data" / "census_form_34.xlsx"
    path = send(coordinator, whole)
    seen.add(page_of(path))
    assert look_at(coordinator, path) == []
    coordinator.page.locator("button[name=mode][value=all]").click()

    book = openpyxl.load_workbook(whole)
    book.active["E5"], book.active["L6"], book.active["M7"] = None, None, "大学"
    book.active["L8"] = "是" if book.active["L8"].value == "否" else "否"
    book.save(tmp_path / "again.xlsx")
    path = send(coordinator, tmp_path / "again.xlsx")
    expect(coordinator.page.locator("input[type=radio]")).to_have_count(3)
    expect(coordinator.page.locator("ins")).to_have_count(1)
    assert look_at(coordinator, path) == []
    coordinator.page.locator("button[name=mode][value=valid]").click()


def send(coordinator, file: Path) -> str:
    page = coordinator.open("/children/import/")
    page.set_input_files("input[type=file]", file)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/import/*/")
    return urlsplit(page.url).path


def looked_at(person, seen) -> list[str]:
    """Look at the page that is open, and count it as seen."""
    path = urlsplit(person.page.url).path
    seen.add(page_of(path))
    return look_at(person, path)


def test_columns_that_nobody_knows_are_asked_about(person, seen):
    coordinator = person("coordinator")
    page = coordinator.open("/children/import/")
    odd = "编码,小朋友叫什么,几号生的,男娃女娃,在哪儿住\n1,赵小小,2016年3月4日,男,百里洲镇合心村3组\n"
    page.set_input_files("input[type=file]", {"name": "小朋友.csv", "mimeType": "text/csv", "buffer": odd.encode()})
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/columns/")
    assert looked_at(coordinator, seen) == []


def test_a_child_is_registered_twice_and_merged_so_that_those_pages_are_seen(person, seen):
    coordinator = person("coordinator")
    page = coordinator.open("/children/?q=王梓萱")
    page.locator("table a").first.click()
    page.goto(page.url + "edit/")
    same = {name: page.input_value(f"[name={name}]") for name in ("birth_date", "village", "sex")}
    page.goto(coordinator.site + "/children/new/")
    page.fill("[name=name]", "王子萱")
    page.fill("[name=birth_date]", same["birth_date"])
    page.select_option("[name=village]", same["village"])
    page.select_option("[name=sex]", same["sex"])
    page.fill("[name=id_reason]", "没有带户口本")
    page.locator("main form button.btn-primary").click()
    assert page.locator(".possible-duplicates a").inner_text().startswith("王梓萱")
    faults = look_at(coordinator, "the form with its question")  # the empty form is for the crawl to see
    page.check("[name=another_child]")
    page.locator("main form button.btn-primary").click()
    page.goto(coordinator.site + "/children/duplicates/")
    page.locator("main table a").first.click()
    faults += looked_at(coordinator, seen)
    page.locator("form.merging button.btn-primary").click()
    page.wait_for_url("**/merges/*/")
    assert faults + looked_at(coordinator, seen) == []


def test_a_file_is_closed_so_that_its_opening_again_is_a_page(person, seen):
    coordinator = person("coordinator")
    page = coordinator.open("/children/?q=仇志强")  # the story proposes to close it
    file = page.locator("main table a").first.get_attribute("href")
    page = coordinator.open(f"{file}close/")
    page.fill("[name=reason]", "随父母到苏州居住")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/closing/")
    coordinator.open(f"{file}reopen/")
    assert looked_at(coordinator, seen) == []


def test_the_last_import_leads_to_its_undoing(person, seen):
    coordinator = person("coordinator")
    page = coordinator.open("/children/imports/")
    page.get_by_role("link", name="父亲务工变动.csv").click()
    page.locator("main a[href$='/undo/']").click()
    page.wait_for_url("**/undo/")
    assert looked_at(coordinator, seen) == []


def test_long_work_has_a_page_that_says_how_far_it_is_until_it_is_cancelled(chromium, seen, demo_database, tmp_path):
    """Where nobody does the work, it waits for as long as one wants to look at it."""
    with serve_demo(demo_database(tmp_path), JOBS="process", JOBS_ROOT=str(tmp_path / "jobs")) as (address, _process):
        context = chromium.new_context(locale="zh-CN")
        coordinator = Person(context.new_page(), address.rstrip("/"), "coordinator")
        page = coordinator.open("/children/import/")
        page.set_input_files("input[type=file]", Path(__file__).parents[1] / "data" / "census_form_34.xlsx")
        page.locator("main form button.btn-primary").click()
        page.wait_for_url("**/jobs/*/")
        page.locator("main a[href='?still=1']").click()
        path = urlsplit(page.url).path
        seen.add(page_of(path))
        faults = look_at(coordinator, path)
        page.locator("main form button").click()
        page.wait_for_url("**/children/import/")
        coordinator.open(path)
        assert page.locator("main [role=alert]").count() == 1
        assert faults + look_at(coordinator, path) == []
        context.close()


@pytest.mark.parametrize("role", Role)
def test_every_page_of_a_role_is_accessible_and_fits(role, person, seen):
    assert crawl(person(role), seen) == []


def test_no_page_is_left_out(seen):
    """A page that no link leads to is found here."""
    pages = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert pages - seen - NO_PAGE == set()
