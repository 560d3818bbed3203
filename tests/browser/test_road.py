"""The whole road, once: from a real census workbook to the term report, as the people concerned walk it."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

WORKBOOK = Path(__file__).parents[1] / "data" / "census_form_34.xlsx"
PUPIL = "赵云"  # a pupil of 关志村 in the workbook, found by "zy"
VILLAGER = "魏娟"  # a child of 合心村 in the workbook


def test_the_road_from_workbook_to_term_report(person):
    coordinator = person("coordinator")
    import_the_workbook(coordinator)
    place_the_pupil_in_the_teachers_class(coordinator)

    teacher = person("teacher", width=360)
    log_a_visit_and_a_talk(teacher)

    head = person("head")
    pair_until_the_teacher_is_full(head)

    village = person("village")
    record_todays_visit_with_goods(village)

    report = download_report(coordinator)
    row = report[PUPIL]
    assert row["家访"] == "1"
    assert row["谈心谈话"] == "1"
    assert row["结对帮扶人"]
    assert row["村（居）"] == "关志村"
    given = report[VILLAGER]
    assert given["参加活动"] == "1"
    assert given["领取物资"] == "3"


def import_the_workbook(coordinator):
    page = coordinator.open("/children/import/")
    page.set_input_files("input[type=file]", WORKBOOK)
    page.locator("main form button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("census_form_34.xlsx")
    expect(page.get_by_role("row", name=re.compile(PUPIL))).to_be_visible()
    page.locator("button[name=mode][value=all]").click()
    expect(page.locator("main")).to_contain_text("34")
    page.goto(coordinator.site + "/children/?q=zy")
    expect(page.get_by_role("link", name=PUPIL)).to_be_visible()


def place_the_pupil_in_the_teachers_class(coordinator):
    page = coordinator.open("/children/enrol/")
    page.get_by_label(re.compile(PUPIL)).check()
    page.get_by_label("班级").fill("中心小学 四年级1班")
    page.get_by_role("option", name=re.compile("百里洲镇中心小学.*四年级1班")).click()
    page.locator("main form button.btn-primary").click()
    expect(page.locator("main")).not_to_contain_text(PUPIL)


def choose(select, label: re.Pattern):
    select.select_option(value=select.locator("option").filter(has_text=label).first.get_attribute("value"))


def log_a_visit_and_a_talk(teacher):
    for kind in ("home_visit", "talk"):
        page = teacher.open("/children/?q=zy")
        page.get_by_role("link", name=PUPIL).click()
        page.locator("a[href*='/visits/new/']").first.click()
        page.locator(f"input[name=kind][value={kind}]").check()
        page.locator("[name=observed]").fill("奶奶身体好，家里整洁，书桌靠窗。")
        page.locator("[name=said]").fill("想妈妈，周末想打视频电话。")
        page.locator("main form button.btn-primary").last.click()
        expect(page.locator("h1")).to_contain_text(PUPIL)


def pair_until_the_teacher_is_full(head):
    page = head.open("/children/?q=zy")
    page.get_by_role("link", name=PUPIL).click()
    two_of_three = re.compile(r"2.*3")
    pair(page, two_of_three)
    expect(page.locator("h1")).to_contain_text(PUPIL)
    page.goto(head.site + "/children/?show=unpaired")
    page.locator("main table tbody a").first.click()
    pair(page, re.compile(r"3.*3"))
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("select[name=carer]")).to_be_visible()  # still on the form: refused, nothing lost


def pair(page, load: re.Pattern):
    page.locator("a[href*='/pairing/new/']").first.click()
    choose(page.locator("select[name=carer]"), load)
    page.locator("main form button.btn-primary").click()


def record_todays_visit_with_goods(village):
    page = village.open("/admin/registry/child/")
    expect(page.locator("#result_list")).to_contain_text("合心村")
    expect(page.locator("#result_list")).not_to_contain_text("关志村")
    page.goto(village.site + "/admin/activities/activity/add/")
    page.locator("[name=title]").fill("节日慰问")
    page.locator("[name=kind]").select_option("festival_visit")
    page.locator("[name=held_on]").fill(timezone.localdate().isoformat())
    page.locator("[name=children_reached]").fill("34")
    for index, (item, quantity, value) in enumerate((("书包", 34, 4000), ("文具", 34, 2000), ("图书", 34, 1000))):
        page.locator(f"[name=goods-{index}-item]").fill(item)
        page.locator(f"[name=goods-{index}-quantity]").fill(str(quantity))
        page.locator(f"[name=goods-{index}-value]").fill(str(value))
    page.get_by_label(re.compile(VILLAGER)).check()
    page.locator("[name=give_each]").check()
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist")).to_be_visible()


def download_report(coordinator) -> dict[str, dict]:
    page = coordinator.open("/reports/")
    page.locator("[name=term]").select_option(index=0)
    with page.expect_download() as download:
        page.locator("main form button.btn-primary").click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return {row["姓名"]: row for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}
