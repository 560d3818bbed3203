"""A village chosen among many on a phone: by keyboard with script, and by sending the form without any."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.test_every_page import look_at
from tests.demo_process import serve_demo

pytestmark = pytest.mark.browser
COLUMNS = "code, name, search_keys, aliases, contact, contact_phone"
OPTIONS = ".search-list:not([hidden]) [role=option]"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A demonstration whose township has thirty villages more, two of one name."""
    database = tmp_path_factory.mktemp("many") / "demo.sqlite3"
    with serve_demo(database) as (address, _process):
        with closing(sqlite3.connect(database)) as connection, connection:
            names = [(f"江{number}村", f"jiang{number}cun j{number}c") for number in range(28)]
            names += [("白龙村", "bailongcun blc")] * 2
            rows = [(f"9901011013{number:02}", *name) for number, name in enumerate(names)]
            connection.executemany(f"INSERT INTO registry_division ({COLUMNS}) VALUES (?, ?, ?, '', '', '')", rows)
        yield address.rstrip("/")


def test_with_script_the_keyboard_alone_chooses_a_village(person):
    coordinator = person("coordinator", width=360)
    page = coordinator.open("/children/new/")
    village = page.get_by_role("combobox", name=re.compile("村（居）"))
    page.locator("#id_village").focus()
    page.keyboard.type("blc")
    options = page.locator(OPTIONS)
    expect(options).to_have_text(["百里洲镇白龙村 · 990101101328", "百里洲镇白龙村 · 990101101329"])
    expect(page.locator(".search-field [role=status]").filter(has_text="2")).to_have_count(1)
    expect(village).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("[aria-selected]").get_attribute("id") == village.get_attribute("aria-activedescendant")
    assert look_at(coordinator, "/children/new/") == []  # with the list open
    page.keyboard.press("Enter")
    expect(options).to_have_count(0)
    assert page.url.endswith("/children/new/")  # Enter chose and did not send
    expect(page.locator("#id_village")).to_have_value("百里洲镇白龙村 · 990101101329")
    expect(page.locator("[name=village]")).to_have_value("990101101329")
    page.keyboard.type("没有")
    nothing = page.locator(".search-field").first.get_attribute("data-none")
    expect(page.locator("[role=status]").filter(has_text=nothing)).to_have_count(1)
    page.keyboard.press("Escape")


def test_without_script_the_form_comes_back_with_what_may_be_meant(chromium, site):
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="zh-CN", java_script_enabled=False)
    page = Person(context.new_page(), site, "coordinator").open("/children/new/")
    page.get_by_label(re.compile("^姓名")).fill("张小花")
    page.locator("#id_village").fill("blc")
    page.locator("main .form-buttons button").click()
    choices = page.locator("input[name=village-choice]")
    expect(choices).to_have_count(2)
    expect(page.get_by_label(re.compile("^姓名"))).to_have_value("张小花")
    choices.last.check()
    page.locator("main .form-buttons button").click()
    expect(page.locator("#id_village")).to_have_value("百里洲镇白龙村")
    expect(page.locator("[name=village]")).to_have_value("990101101329")
    context.close()


def test_at_the_desk_a_row_that_is_added_later_is_searched_too(person):
    page = person("admin").open("/admin/accounts/user/add/")
    page.locator("#id_postings-0-division").focus()
    page.keyboard.type("blc")
    expect(page.locator(OPTIONS)).to_have_count(2)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("[name=postings-0-division]")).to_have_value("990101101329")
    page.locator(".add-row a").click()
    page.locator("#id_postings-1-division").focus()
    page.keyboard.type("blc")
    expect(page.locator(OPTIONS)).to_have_count(2)
