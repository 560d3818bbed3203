"""Take the README's screenshots from a fresh demonstration. Run it from the root."""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, ".")

from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser.conftest import FLAGS  # noqa: E402
from tests.demo_process import serve_demo  # noqa: E402

FOLDER = Path(".ci/screenshots")
WORKBOOK = "tests/data/census_form_34.xlsx"
HEADING = "编码,小朋友叫什么,几号生的,男娃女娃,爸爸在哪里干活,在哪儿住"  # unknown to the import
ODD = f"{HEADING}\n1,赵小小,2016年3月4日,男,深圳,合心村\n2,孙晓雨,2015.10.26,女,武汉,关志村\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp())
    with sync_playwright() as playwright, serve_demo(folder / "demo.sqlite3") as (address, _process):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        take_all(browser, address.rstrip("/"))
        browser.close()
    shutil.rmtree(folder)
    for file in FOLDER.glob("*.png"):
        Image.open(file).convert("RGB").quantize(256, kmeans=2).save(file, optimize=True)  # a third of the bytes


def take_all(browser, site: str) -> None:
    for width in (360, 1440):
        page = signed_in(browser, site, "coordinator", width)
        take_page(page, site, "/", "home", width)
        take_page(page, site, "/children/", "children", width)
        take_page(page, site, "/reports/", "report", width)
        page.goto(f"{site}/children/import/")
        page.set_input_files("input[type=file]", WORKBOOK)
        page.locator("main form button.btn-primary").click()
        page.screenshot(path=FOLDER / f"preview-{width}.png")
        take_census_work(page, site, width)
        page.context.close()
        page = signed_in(browser, site, "teacher", width)
        page.goto(f"{site}/children/")
        page.locator("main table tbody a").first.click()
        page.screenshot(path=FOLDER / f"child-{width}.png")
        page.locator("a[href*='/visits/new/']").first.click()
        page.screenshot(path=FOLDER / f"visit-{width}.png")
        page.context.close()
        page = signed_in(browser, site, "village", width)
        take_page(page, site, "/admin/activities/activity/add/", "admin-activity", width)
        page.context.close()


def take_census_work(page, site: str, width: int) -> None:
    """Take the mapping of unknown headings, a possible duplicate and the documents of a village."""
    page.goto(f"{site}/children/import/")
    page.set_input_files("input[type=file]", {"name": "小朋友.csv", "mimeType": "text/csv", "buffer": ODD.encode()})
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/columns/")
    page.screenshot(path=FOLDER / f"columns-{width}.png")
    take_page(page, site, "/children/work/", "work", width)
    take_page(page, site, "/children/papers/", "papers", width)
    page.goto(f"{site}/children/duplicates/")
    page.locator("main table tbody a").first.click()
    page.screenshot(path=FOLDER / f"merge-{width}.png")


def signed_in(browser, site: str, username: str, width: int):
    page = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN").new_page()
    page.goto(f"{site}/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", "carebase-demo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")
    return page


def take_page(page, site: str, path: str, name: str, width: int) -> None:
    page.goto(site + path)
    page.screenshot(path=FOLDER / f"{name}-{width}.png")


if __name__ == "__main__":
    main()
