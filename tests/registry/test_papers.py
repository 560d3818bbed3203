"""Papers of a class or a village: whose they are, what is masked, who is on them, and the line each leaves."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from carebase.accounts.roles import ROLES, Role
from carebase.audit.models import Action, Event
from carebase.reports.audit_trail.display import describe_detail
from registry.models import Absence, Guardianship, Relative, SchoolClass
from registry.papers.catalogue import document
from registry.papers.subjects import PaperRequest
from tests import factories as f
from tests.form_data import form_data
from tests.registry.papers import (
    DAY,
    HOUSE,
    ID,
    NAME,
    PHONE,
    body,
    family,
    full_child,
    in_full,
    pdf_pages,
    sheet_cells,
    sheet_of,
    workbook_of,
)

pytestmark = pytest.mark.django_db
PERSONAL = ["files", "cards", "situation", "forms"]
SECRETS = [*ID.values(), *PHONE.values(), "三组12号"]


def of_class(school_class=None, **more) -> dict:
    return {"class": (school_class or f.school_class()).key, "date": DAY.isoformat()} | more


def printed(client, paper: str, query: dict) -> str:
    response = client.get(reverse("paper-print", args=[paper]), query)
    assert response.status_code == 200
    return response.content.decode()


def exports() -> list[Event]:
    return list(Event.objects.filter(action=Action.EXPORT).order_by("pk"))


def scene():
    """Return the child of one class; another child is in another class of the same school and village."""
    child = full_child()
    f.child("赵小兰", school_class=f.school_class(number=2))
    return child


@pytest.mark.parametrize("paper", PERSONAL)
def test_a_paper_holds_the_children_of_the_class_and_no_others(paper, login):
    scene()
    page = printed(login(f.head_of(f.school())), paper, of_class())
    assert NAME in page and "赵小兰" not in page


@pytest.mark.parametrize("paper", PERSONAL)
def test_numbers_phones_and_addresses_are_masked_unless_asked_for(paper, login):
    scene()
    client = login(f.teacher_of(f.school_class()))
    masked = printed(client, paper, of_class(full="on"))  # no address gives it in full
    full = in_full(client, reverse("paper-print", args=[paper]), of_class()).content.decode()
    assert not [secret for secret in SECRETS if secret in masked]
    assert "百里洲镇合心村" in masked and "138****0003" in masked
    assert HOUSE in full and PHONE["guardian"] in full
    if paper in ("files", "forms"):
        assert not [secret for secret in SECRETS if secret not in full]


def test_who_may_not_unmask_gets_no_paper_in_full(login, monkeypatch):
    child = scene()
    teacher = ROLES[Role.TEACHER]
    less = teacher.permissions - {"registry.unmask_child"}
    monkeypatch.setitem(ROLES, Role.TEACHER, replace(teacher, permissions=less))
    client = login(f.teacher_of(f.school_class()))
    for address in (reverse("paper-print", args=["files"]), reverse("child-form", args=[child.code])):
        assert in_full(client, address, of_class()).status_code == 403
    assert "In full" not in client.get(reverse("paper-list"), of_class()).content.decode()
    assert not exports()


def test_a_paper_in_full_asks_for_its_purpose_and_gives_nothing_before(login):
    child = scene()
    client = login(f.head_of(f.school()))
    for address, query in (
        (reverse("paper-print", args=["forms"]), of_class()),
        (reverse("paper-file", args=["forms.xlsx"]), of_class()),
        (reverse("child-form", args=[child.code]), {}),
    ):
        for more in ({}, {"purpose": "nonsense"}, {"purpose": "other"}, {"purpose": ""}):
            page = client.post(address, query | more).content.decode()
            assert 'name="purpose"' in page and not [secret for secret in SECRETS if secret in page]
    assert not exports()
    paper = in_full(
        client, reverse("child-form", args=[child.code]), purpose="other", other="入学体检"
    ).content.decode()
    assert ID["child"] in paper and "purpose: 入学体检" in paper
    assert exports()[0].detail["purpose"] == "入学体检"


def test_the_files_of_a_paper_in_full_are_posted_for_with_its_purpose(login):
    scene()
    client = login(f.head_of(f.school()))
    page = in_full(client, reverse("paper-print", args=["files"]), of_class())
    sent = form_data(page, "full")
    assert sent["purpose"] == ["check"] and sent["class"] == [f.school_class().key]
    file = client.post(reverse("paper-file", args=["files.xlsx"]), sent)
    assert ID["child"] in sheet_cells(body(file))


def test_no_more_papers_in_full_are_taken_a_day_than_the_limit_and_those_above_hear_of_it(login, settings):
    settings.FULL_PAPERS_PER_DAY = 2
    scene()
    teacher, head = f.teacher_of(f.school_class()), f.head_of(f.school())
    client = login(teacher)
    for _time in range(2):
        assert ID["child"] in in_full(client, reverse("paper-print", args=["files"]), of_class()).content.decode()
    refused = in_full(client, reverse("paper-print", args=["files"]), of_class()).content.decode()
    assert "the limit of 2 for today" in refused and ID["child"] not in refused
    assert len(exports()) == 2 and printed(client, "files", of_class()), "masked ones are not limited"
    told = {user: "as many documents in full" in login(user).get("/").content.decode() for user in (head, teacher)}
    assert told == {head: True, teacher: False}
    assert "as many documents" not in login(f.head_of(f.other_school())).get("/").content.decode()


def test_a_guardians_address_without_the_village_is_not_shown_at_all_when_masked(login):
    child = scene()
    row = child.guardianships.get()
    row.address = "湖北省荆州市江津路8号"
    row.save()
    page = printed(login(f.head_of(f.school())), "files", of_class())
    assert "江津路" not in page and "荆州" not in page


def test_each_paper_is_recorded_once_with_what_was_taken(login):
    child = scene()
    user = f.head_of(f.school())
    client = login(user)
    for address, query in (
        (reverse("paper-print", args=["cards"]), of_class()),
        (reverse("paper-file", args=["situation.pdf"]), of_class()),
    ):
        assert client.get(address, query).status_code == 200
    assert in_full(client, reverse("paper-file", args=["files.xlsx"]), of_class()).status_code == 200
    detail = [event.detail for event in exports()]
    shared = {"place": f.school_class().key, "on": DAY.isoformat(), "children": 1, "codes": [child.code]}
    assert detail == [
        shared | {"paper": "cards", "format": "print", "full": False},
        shared | {"paper": "situation", "format": "pdf", "full": False},
        shared | {"paper": "files", "format": "xlsx", "full": True, "purpose": "check"},
    ]
    assert {(event.user, event.model) for event in exports()} == {(user, "registry.schoolclass")}


def test_one_childs_form_is_recorded_in_the_childs_own_trail(login):
    child = scene()
    in_full(login(f.admin_of(f.village())), f"{reverse('child-form', args=[child.code])}?format=xlsx")
    (event,) = exports()
    assert (event.subject, event.detail["format"], event.detail["full"]) == (child.code, "xlsx", True)


def test_every_sheet_says_who_printed_it_what_for_its_number_and_that_it_is_personal(login):
    scene()
    user = f.posted_user(Role.HEAD, f.school(), name="钱校长 & 张")
    client = login(user)
    page = printed(client, "cards", of_class())
    assert "钱校长 &amp; 张" in page and "contains personal information, masked" in page
    assert f"purpose: Contact cards · export no. {exports()[-1].pk}" in page
    sheets = pdf_pages(body(client.get(reverse("paper-file", args=["files.pdf"]), of_class())))
    assert sheets and all("钱校长&张" in text and "containspersonalinformation,masked" in text for text in sheets)
    assert all(f"exportno.{exports()[-1].pk}" in text for text in sheets)
    assert f"page1of{len(sheets)}" in sheets[0]
    book = workbook_of(body(in_full(client, reverse("paper-file", args=["files.xlsx"]), of_class())))
    sheet, number = book.active, f"purpose: to check the file · export no. {exports()[-1].pk}"
    foot = sheet.oddFooter.left.text
    assert "钱校长" in foot and "in full" in foot and number in foot
    assert "&P" in sheet.oddFooter.right.text and "钱校长 & 张" in str(list(sheet.values)[-1])
    assert number in str(list(sheet.values)[-1]) and number in book.properties.description


def test_a_village_prints_its_own_children_and_a_coordinator_those_of_the_township(login):
    scene()
    f.child("周小远", living_in=f.other_village())
    for user in (f.admin_of(f.village()), f.coordinator_of(f.township())):
        page = printed(login(user), "situation", {"village": f.village().code, "date": DAY.isoformat()})
        assert NAME in page and "赵小兰" in page and "周小远" not in page
    foreign = {"village": f.far_village().code}
    assert login(f.coordinator_of(f.township())).get(reverse("paper-print", args=["files"]), foreign).status_code == 404


def test_a_teacher_prints_no_other_class_and_no_village(login):
    scene()
    client = login(f.teacher_of(f.school_class()))
    for query in (of_class(f.school_class(number=2)), {"village": f.village().code}):
        assert client.get(reverse("paper-print", args=["files"]), query).status_code == 404
        assert client.get(reverse("paper-list"), query).status_code == 404
    assert not exports()


def test_a_coordinator_is_warned_that_pupils_from_elsewhere_are_missing(login):
    scene()
    f.child("周小远", living_in=f.far_village(), school_class=f.school_class())
    page = printed(login(f.coordinator_of(f.township())), "files", of_class())
    assert "周小远" not in page and "who live outside your division are not in this document" in page
    assert "outside your division" not in printed(login(f.head_of(f.school())), "files", of_class())


@pytest.mark.parametrize(
    "query",
    [
        {"class": "nonsense"},
        {"class": "2142000001-9999-99"},
        {"class": "\0"},
        {"village": "\0"},
        {"village": "1"},
        {"date": "31.02.2026"},
        {"date": "2999-01-01"},
        {"date": "0001-01-01"},
        {"definition": "nothing"},
        {},
    ],
)
def test_invalid_input_is_answered_with_the_form_and_a_reason(query, login):
    scene()
    whole = query if query.keys() & {"class", "village"} or not query else of_class() | query
    client = login(f.head_of(f.school()))
    response = client.get(reverse("paper-print", args=["files"]), whole)
    assert response.status_code == 400 and "error-summary" in response.content.decode()
    assert client.get(reverse("paper-file", args=["files.pdf"]), whole).status_code == 400
    assert not exports()


def test_papers_and_formats_that_do_not_exist_are_not_found(login):
    child = scene()
    client = login(f.head_of(f.school()))
    for path in ("papers/poems/", "papers/poems.pdf", "papers/files.doc", f"{child.code}/form/?format=doc"):
        assert client.get(f"/children/{path}", of_class() if "?" not in path else None).status_code == 404


def test_a_paper_for_a_past_day_has_the_files_and_facts_of_that_day(login):
    child = scene()
    closed = f.child("何小早", school_class=f.school_class(), closed_on=dt.date(2026, 9, 1), closing="moved")
    later = f.child("吕小晚", school_class=f.school_class(), closed_on=dt.date(2026, 10, 20), closing="moved")
    unborn = f.child("施小新", school_class=f.school_class(), birth_date=dt.date(2026, 10, 5))
    Absence.objects.filter(child=child, parent="51").get().delete()
    Absence.objects.create(
        child=child, parent="51", left_on=dt.date(2026, 3, 1), returned_on=dt.date(2026, 10, 10), destination="福州"
    )
    page = printed(login(f.head_of(f.school())), "files", of_class())
    assert later.name in page and closed.name not in page and unborn.name not in page
    assert "father away since 2026-03-01 (214 days)" in page, "he was, that day"
    assert "2026-10-10" not in page, "nobody knew it then"
    for paper in PERSONAL:
        text = printed(login(f.head_of(f.school())), paper, of_class())
        assert "all other data is as of today" in text or "其他信息为今天的情况" in text
    today = printed(login(f.head_of(f.school())), "files", of_class(date=f.today().isoformat()))
    assert "father away since" not in today and "as of today" not in today and "2026-10-10" in today


def test_a_guardianship_counts_on_the_days_it_lasted(login):
    child = scene()
    present = child.guardianships.get()
    present.starts_on = dt.date(2026, 10, 15)
    present.save()
    Guardianship.objects.create(
        child=child, name="前任", relation="90", starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 10, 15)
    )
    client = login(f.head_of(f.school()))
    before = printed(client, "situation", of_class(date="2026-10-14"))
    after = printed(client, "situation", of_class(date="2026-10-15"))
    assert "Father&#x27;s sister" in before and "Paternal grandmother" not in before
    assert "Paternal grandmother" in after and "Father&#x27;s sister" not in after


def test_the_card_has_the_fields_that_a_school_must_keep(login):
    scene()
    cells = sheet_cells(body(login(f.head_of(f.school())).get(reverse("paper-file", args=["cards.xlsx"]), of_class())))
    pairs = dict(zip(cells, cells[1:], strict=False))
    assert pairs["Father"] == "王五" and pairs["Mother"] == "孙六" and pairs["Guardian"] == "李二"
    assert pairs["Full home address"] == "湖北省枝江市百里洲镇合心村" and "广东省深圳市" in cells
    assert pairs["Age"] == "70", "by the ID number, on that day"
    assert {"Home phone", "Guardian's occupation", "Guardian's health", "Guardian's address"} <= set(cells)


def test_a_guardians_age_is_that_of_the_relative_of_this_name_when_no_number_is_known(login):
    child = scene()
    row = child.guardianships.get()
    row.id_number = ""
    row.save()
    address = reverse("paper-file", args=["cards.xlsx"])
    client = login(f.head_of(f.school()))
    cells = sheet_cells(body(client.get(address, of_class())))
    assert cells[cells.index("Age") + 1] == "75"
    grandmother = Relative.objects.get(child=child, relation="62")
    grandmother.name = "别人"
    grandmother.save()
    cells = sheet_cells(body(client.get(address, of_class())))
    assert cells[cells.index("Age") + 1] != "75", "the guardian is not this grandmother"


def test_the_table_of_a_class_has_a_line_a_child_in_the_columns_of_the_standard(login):
    scene()
    response = login(f.head_of(f.school())).get(reverse("paper-file", args=["situation.xlsx"]), of_class())
    rows = [list(row) for row in sheet_of(body(response)).iter_rows(values_only=True)]
    first = next(number for number, row in enumerate(rows) if row[0] == "No.")
    assert rows[first][1] == "The child" and rows[first][10] == "Other legal guardian"
    assert rows[first + 1][1:5] == ["Name", "Sex", "Class", "Date of birth"]
    assert rows[first + 1][10:] == ["Occupation", "Form of address", "Guardian's address", "Phone"]
    line = rows[first + 2]
    assert line[:3] == [1, NAME, "Male"] and line[5] == "王五、孙六" and line[8] == "广东省深圳市、浙江省温州市"
    assert line[11] == "Paternal grandmother" and line[13] == "138****0003"
    assert rows[first + 3][0] != 2, "the other child is in another class"


def test_an_empty_village_makes_a_paper_that_says_so(login):
    scene()
    client = login(f.admin_of(f.other_village()))
    query = {"village": f.other_village().code}
    assert "No child" in printed(client, "files", query)
    for file in ("files.pdf", "files.xlsx", "cards.pdf", "situation.pdf"):
        assert client.get(reverse("paper-file", args=[file]), query).status_code == 200
    assert exports()[0].detail["children"] == 0


def test_the_list_of_papers_begins_with_a_place_of_ones_own_and_leads_to_each(login):
    scene()
    page = login(f.teacher_of(f.school_class())).get(reverse("paper-list")).content.decode()
    assert "百里洲镇中心小学" in page and "1 child" in page and 'name="village"' not in page
    for paper in (*PERSONAL, "statistics"):
        assert reverse("paper-print", args=[paper]) in page and f"papers/{paper}.xlsx" in page
    assert not exports(), "nothing was taken yet"


def test_without_a_place_the_list_of_papers_is_still_displayed(login):
    assert login(f.user(Role.TEACHER)).get(reverse("paper-list")).status_code == 200


def test_the_way_to_the_papers_and_to_the_form_is_a_link(login):
    child = scene()
    client = login(f.head_of(f.school()))
    assert reverse("paper-list") in client.get(reverse("census-work")).content.decode()
    assert reverse("child-form", args=[child.code]) in client.get(child.get_absolute_url()).content.decode()


def test_without_a_font_the_pdf_is_explained_and_the_rest_still_works(login, settings):
    settings.PAPER_FONT = "/nowhere/font.ttc"
    child = scene()
    client = login(f.head_of(f.school()))
    reason = "This machine has no Chinese font for PDF files"
    assert reason in client.get(reverse("paper-list")).content.decode()
    assert reason in printed(client, "files", of_class())
    for address, query in (
        (reverse("paper-file", args=["files.pdf"]), of_class()),
        (reverse("child-form", args=[child.code]), {"format": "pdf"}),
    ):
        response = client.get(address, query)
        assert response.status_code == 503 and reason in response.content.decode()
    assert client.get(reverse("paper-file", args=["files.xlsx"]), of_class()).status_code == 200
    assert [event.detail["format"] for event in exports()] == ["print", "xlsx"]


def test_many_children_take_no_more_queries_than_three():
    head, asked = f.head_of(f.school()), {}
    assert head.reach, "which is read once a request"
    for count in (3, 40):
        for number in range(count):
            family(f.child(f"王小{number}", school_class=f.school_class(), id_number="", id_reason="未上户口"))
        for paper in PERSONAL:
            with CaptureQueriesContext(connection) as captured:
                made = document.find(paper).call(
                    PaperRequest(head, SchoolClass.objects.select_related("school").get(), DAY)
                )
            assert len(made.codes) in (3, 43)
            asked.setdefault(paper, set()).add(len(captured))
    assert all(len(counts) == 1 and max(counts) <= 7 for counts in asked.values()), asked


def test_the_trail_describes_a_paper_and_no_codes():
    detail = {"paper": "cards", "place": "2142000001-2022-1", "on": "2026-10-01", "format": "pdf", "full": True}
    text = describe_detail(detail | {"children": 2, "codes": ["BCDFGHJKLM"]})
    assert text == "Contact cards · 2142000001-2022-1 · for 2026-10-01 · PDF · 2 children · in full"
