"""The generic views: scope, role, paging, single saves, and refusals that keep the input."""

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.urls import reverse

from carebase.audit.models import Submission
from carebase.views import UncountedPaginator
from registry.models import Child
from tests import factories as f
from tests.form_values import form_values
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def head():
    return f.head_of(f.school())


def pupils(count: int) -> list[Child]:
    own = f.school_class()
    return [f.child(f"王小{'一二三四五六七八九十'[n % 10]}", school_class=own) for n in range(count)]


@pytest.mark.parametrize("number", ["0", "-1", "²", "９９９９９９９９９", "1e9", "", "x", "\0", "9" * 5000])
def test_an_invalid_page_number_is_the_first_page(head, login, number):
    pupils(1)
    response = login(head).get(reverse("child-list"), {"page": number})
    assert response.context["page_obj"].number == 1


def test_pages_follow_each_other_without_a_gap(head, login):
    codes = {child.code for child in pupils(27)}
    client, seen = login(head), []
    for number in (1, 2, 3):
        context = client.get(reverse("child-list"), {"page": number}).context
        seen.append([row["cells"][-1] for row in context["rows"]])
    assert [len(page) for page in seen] == [25, 2, 0]
    assert set(seen[0] + seen[1]) == codes


def test_a_full_last_page_has_no_next():
    assert not UncountedPaginator(list(range(25)), 25).page(1).has_next()
    assert UncountedPaginator(list(range(26)), 25).page(1).has_next()


def test_the_filter_stays_when_one_turns_the_page(head, login):
    pupils(27)
    page = login(head).get(reverse("child-list"), {"q": "王 小", "page": 1}).content.decode()
    assert "?q=%E7%8E%8B+%E5%B0%8F&amp;page=2" in page


def test_the_total_counts_the_found_ones(head, login):
    pupils(3)
    f.child("陈小红", school_class=f.school_class())
    assert login(head).get(reverse("child-list"), {"q": "王"}).context["total"] == "3"


def test_counting_stops_at_the_maximum(head, login, monkeypatch):
    monkeypatch.setattr("carebase.views.MAX_COUNT", 2)
    pupils(3)
    assert login(head).get(reverse("child-list")).context["total"] == "more than 2"


def test_a_form_posted_twice_saves_one_child_and_says_so(head, login):
    f.village()
    client = login(head)
    url = reverse("child-create")
    data = form_values(client.get(url)) | {
        "name": "王小明",
        "sex": "1",
        "birth_date": "2016-05-04",
        "id_reason": "尚未落户",
        "village": f.village().pk,
        "school_class": f.school_class().pk,
    }
    first = client.post(url, data)
    second = client.post(url, data | {"name": "王小二"}, follow=True)
    assert first.status_code == 302, first.context["form"].errors
    assert second.redirect_chain[0][0] == first.url
    assert "already saved, once" in second.content.decode()
    assert Child.objects.count() == 1


def test_a_refused_form_may_be_sent_again(head, login):
    client = login(head)
    url = reverse("child-create")
    data = form_values(client.get(url)) | {"sex": "1", "birth_date": "2016-05-04", "id_reason": "尚未落户"}
    data |= {"village": f.village().pk, "school_class": f.school_class().pk}
    refused = client.post(url, data)
    assert refused.status_code == 200 and not Submission.objects.exists()
    assert client.post(url, form_values(refused) | {"name": "王小明"}).status_code == 302


def test_a_token_with_nul_or_of_any_length_is_no_error(head, login):
    assert login(head).post(reverse("child-create"), {"form_token": "\0" * 99}).status_code == 200


def test_a_record_out_of_scope_is_not_saved(login):
    admin, other = f.admin_of(f.village()), f.other_village()
    client, url = login(admin), reverse("child-create")
    data = {"name": "王小明", "sex": "1", "birth_date": "2016-05-04", "id_reason": "尚未落户", "village": other.pk}
    response = client.post(url, form_values(client.get(url)) | data)
    assert "You would no longer see this record" in response.content.decode()
    assert "王小明" in response.content.decode()
    assert not Child.objects.exists()
    assert not Submission.objects.exists()


def test_a_child_is_not_moved_out_of_scope(login):
    child, other = f.child(), f.other_village()
    client, url = login(f.admin_of(f.village())), child.get_absolute_url() + "edit/"
    response = client.post(url, form_values(client.get(url)) | {"village": other.pk})
    assert "only by a transfer" in response.content.decode()
    child.refresh_from_db()
    assert child.village == f.village()


def test_a_place_that_was_not_offered_is_refused(login):
    child, far = f.child(), f.far_village()
    client, url = login(f.admin_of(f.village())), child.get_absolute_url() + "edit/"
    response = client.post(url, form_values(client.get(url)) | {"village": far.pk})
    assert response.context["form"].errors["village"]


def test_an_integrity_error_is_explained_and_keeps_the_input(login, monkeypatch):
    child = f.child()

    def clash(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(Child, "save", clash)
    client, url = login(f.admin_of(f.village())), child.get_absolute_url() + "edit/"
    page = client.post(url, form_values(client.get(url)) | {"hukou_place": "宜昌"}).content.decode()
    assert "Someone saved the same data at this moment" in page and "宜昌" in page


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(head, login, method):
    [child] = pupils(1)
    assert getattr(login(head), method)(child.get_absolute_url()).status_code == 405


def test_get_changes_nothing(head, login):
    [child] = pupils(1)
    client = login(head)
    for page in ("", "edit/", "unmask/"):
        client.get(child.get_absolute_url() + page, {"name": "x", "field": "id_number"})
    child.refresh_from_db()
    assert (child.name, child.version) == ("王小一", 1)
    assert not Visit.objects.exists()


@pytest.mark.parametrize("page", ["/", "/children/", "/children/new/", "/login/", "/nowhere/"])
def test_every_response_has_the_security_headers(head, login, page):
    headers = login(head).get(page).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert rule in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_health_check_needs_no_account(client):
    assert client.get("/healthz").content == b"ok"


def test_the_health_check_fails_while_the_database_does_not_answer(client, monkeypatch):
    from django.db import InterfaceError

    def gone():
        raise InterfaceError("connection already closed")

    monkeypatch.setattr("carebase.health.connection.cursor", gone)
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"database")


def out_of_reach(execute, sql, *args):
    raise OperationalError("database is locked")


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "系统暂时无法使用"), ("en", "temporarily unavailable")])
@pytest.mark.parametrize("path", ["/", "/login/", "/children/", "/reports/term.csv", "/admin/", "/nowhere/"])
def test_a_database_out_of_reach_is_said_in_words_whatever_was_asked(head, login, path, language, words):
    client = login(head)
    client.raise_request_exception = False
    with connection.execute_wrapper(out_of_reach):
        response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 503 and words in response.content.decode()
    assert response.headers["Retry-After"] and "default-src" in response.headers["Content-Security-Policy"]


def test_any_other_error_is_a_500(head, login, monkeypatch):
    client = login(head)
    client.raise_request_exception = False
    monkeypatch.setattr("registry.children.views.ChildListView.get_queryset", lambda self: 1 / 0)
    assert client.get("/children/").status_code == 500
