"""The term report as a file: who may have it, of which place, in which encoding, and what is written down about it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carebase.accounts.roles import Role
from carebase.audit.models import Action, Event
from carebase.display import display
from carebase.reports.term import report
from registry.models import Child
from tests import factories as f
from tests.reports import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PAGE, FILE = "/reports/", "/reports/term.csv"


@pytest.fixture
def term():
    return f.term()


def ask(client, term="2026-autumn", division="990101101000", **more):
    return client.get(FILE, {"term": term, "division": division} | more)


def test_a_coordinator_gets_the_children_of_the_division_and_no_others(login, term):
    mine, far = f.child(), f.child("远方的孩子", living_in=f.far_village())
    rows = scenes.table(ask(login(f.coordinator_of(f.county())), division="990101101000"))
    assert [row["code"] for row in rows] == [mine.code]
    assert far.code not in str(rows)


def test_a_division_of_others_is_not_found_and_an_unknown_one_is_refused_with_a_reason(login, term):
    f.child(living_in=f.far_village())
    client = login(f.coordinator_of(f.township()))
    assert ask(client, division="990101102000").status_code == 404
    answer = ask(client, division="990199999000")
    assert answer.status_code == 400
    assert "There is no such place" in answer.content.decode()
    assert not Event.objects.filter(action=Action.EXPORT).exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"term": "2031-autumn"}, "There is no such term"),
        ({"term": ""}, "Choose the term"),
        ({"division": ""}, "Choose the place"),
        ({"term": "a\0b"}, "Null characters"),
        ({"division": "\0"}, "Null characters"),
        ({"encoding": "utf-7"}, "There is no such encoding"),
    ],
)
def test_a_wrong_request_is_answered_on_the_form(login, term, wrong, sentence):
    answer = ask(login(f.coordinator_of(f.township())), **wrong)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("role", Role)
def test_only_coordinators_download_and_those_who_may_read_see_the_columns(login, term, role):
    client = login(f.posted_user(role, f.school()) if role == Role.HEAD else f.posted_user(role, f.township()))
    reads = role in {Role.HEAD, Role.COORDINATOR, Role.AUDITOR}
    page = client.get(PAGE)
    assert page.status_code == (200 if reads else 403)
    assert ("Download CSV" in page.content.decode()) == (role == Role.COORDINATOR)
    assert ask(client).status_code == (200 if role == Role.COORDINATOR else 403)


def test_the_form_offers_only_places_that_the_coordinator_governs(login, term):
    f.far_village()
    page = login(f.coordinator_of(f.township())).get(PAGE).content.decode()
    assert "990101101201" not in page or "合心村" in page
    assert "小白山乡" not in page and "枝江市<" not in page
    assert 'value="990101101000"' in page and 'value="2026-autumn" selected' in page


def test_the_file_opens_with_a_bom_and_is_named_after_term_and_place(login, term):
    f.child()
    answer = ask(login(f.coordinator_of(f.township())))
    assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbfcode,full name,")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="carebase-term-2026-autumn-990101101000.csv"'
    assert "no-store" in answer["Cache-Control"]


def test_an_older_program_may_have_gb18030(login, term):
    f.child("王小明")
    answer = ask(login(f.coordinator_of(f.township())), encoding="gb18030")
    assert answer["Content-Type"] == "text/csv; charset=gb18030"
    assert "王小明" in b"".join(answer.streaming_content).decode("gb18030")


def test_a_name_that_a_spreadsheet_would_run_is_defused(login, term):
    f.child('=HYPERLINK("http://evil.example")')
    f.child("李小红")
    names = [row["full name"] for row in scenes.table(ask(login(f.coordinator_of(f.township()))))]
    assert sorted(names) == ['\'=HYPERLINK("http://evil.example")', "李小红"]


def test_an_id_number_is_never_in_the_file_as_a_whole(login, term):
    child, other = f.child(), f.child("李小红")
    data = b"".join(ask(login(f.coordinator_of(f.township()))).streaming_content).decode()
    assert child.id_number not in data and other.id_number not in data
    assert f"************{child.id_number[-4:]}" in data


def test_the_download_is_recorded_with_what_it_held(login, term):
    f.child()
    coordinator = f.coordinator_of(f.township())
    ask(login(coordinator))
    event = Event.objects.get(action=Action.EXPORT)
    assert (event.user, event.object_code) == (coordinator, "990101101000")
    assert event.detail["term"] == "2026-autumn"
    assert "resident ID number" in event.detail["columns"]
    assert "王小明" not in str(event.detail)


def test_every_row_names_who_took_the_file_when_what_for_and_its_number_in_the_trail(login, term):
    f.child(), f.child("李小红")
    coordinator = f.coordinator_of(f.township())
    marks = {row["export"] for row in scenes.table(ask(login(coordinator)))}
    event = Event.objects.get(action=Action.EXPORT)
    (mark,) = marks
    assert mark.startswith(f"export no. {event.pk} · {coordinator.name} ({coordinator.username}) · ")
    assert display(event.at) in mark and mark.endswith(f"Term report {term}")


@pytest.mark.parametrize("count", [1, 3])
def test_the_whole_file_is_one_query(term, count, django_assert_num_queries):
    for number in range(count):
        f.child(f"孩子{number}", school_class=f.school_class(number=number + 1))
    period, township = report.ReportPeriod.of(term), f.township()
    with django_assert_num_queries(1):
        rows = list(report.report_rows(report.report_children(term, township), period))
    assert len(rows) == count + 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_and_the_file_take_as_many_queries_for_three_children_as_for_one(login, term, count):
    for number in range(count):
        f.child(f"孩子{number}", living_in=f.village(f"村{number}", f"99010110120{number + 1}"))
    client = login(f.coordinator_of(f.township()))
    client.get(PAGE)  # the first page of a session also writes the session
    for question, expected in ((lambda: client.get(PAGE).content, 8), (lambda: list(ask(client).streaming_content), 9)):
        with CaptureQueriesContext(connection) as queries:
            question()
        assert len(queries) == expected, [query["sql"][-90:] for query in queries.captured_queries]


def test_the_rows_are_read_while_the_file_is_sent(login, term):
    f.child()
    answer = ask(login(f.coordinator_of(f.township())))
    pieces = iter(answer.streaming_content)
    assert answer.streaming and next(pieces) == b"\xef\xbb\xbf"
    latecomer = f.child("后来的孩子")
    assert latecomer.code.encode() in b"".join(pieces)


def test_a_coordinator_whose_posting_ended_gets_nothing(login, term):
    f.child()
    former = f.user(Role.COORDINATOR)
    f.post(former, f.township(), ends_on=f.today().replace(year=f.today().year - 1))
    assert ask(login(former)).status_code == 404


def test_the_headings_are_chinese_to_a_chinese_reader_even_while_streaming(login, term, settings):
    from django.utils import translation

    f.child(boards=True)
    with translation.override("zh-hans"):
        pieces = report.export(term=term, division=f.township(), by=None)
        expected = str(Child._meta.get_field("boards").verbose_name)
    assert expected in b"".join(pieces).decode("utf-8-sig").splitlines()[0]


def test_a_child_whose_two_files_were_merged_is_reported_once(login, term):
    kept = f.child()
    f.child(closed_on=f.today(), closing="duplicate")
    moved = f.child("陈小红", closed_on=f.today(), closing="moved")
    rows = scenes.table(ask(login(f.coordinator_of(f.county()))))
    assert {row["code"] for row in rows} == {kept.code, moved.code}
