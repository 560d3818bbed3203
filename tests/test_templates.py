"""Pages in the states that show other parts of their templates: no variable is unknown, as in the walk of test_access.

Templates may ask for what is optional inside `{% if %}` and `{% firstof %}`; whatever is printed must be there.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from carebase.accounts.roles import Role
from carebase.models import Demonstration
from tests import factories as f
from tests.form_values import form_values
from tests.page_faults import unknown_variables as faults

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unknown_variables")]
ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"]


@pytest.mark.parametrize("kind", ["child", "visit", "pairing", "carer", "activity", "donation"])
def test_an_empty_a_searched_and_a_long_list_print_only_what_they_were_given(kind, login):
    user = f.coordinator_of(f.township())
    client, page = login(user), f"{kind}-list"
    assert not faults(client.get(reverse(page)))
    assert not faults(client.get(reverse(page), {"q": "nobody"}))
    for number in range(27):
        child = f.child(school_class=f.school_class())
        f.visit(child, user)
        carer = f.carer(f"李{number}", at=f.village())
        child.pairings.create(carer=carer, seat=1)
        f.activity(), f.donation()
    for number in (1, 2):
        assert not faults(client.get(reverse(page), {"page": number}))


def test_a_refused_form_and_a_conflict_print_only_what_they_were_given(login):
    child = f.child(school_class=f.school_class())
    client, url = login(f.teacher_of(f.school_class())), child.get_absolute_url() + "edit/"
    form = form_values(client.get(url))
    assert not faults(client.post(url, form | {"name": "", "father_phone": "1"}))
    child.hukou_place = "宜昌"
    child.save()
    conflict = client.post(url, form | {"hukou_place": "荆州"})
    assert conflict.status_code == 409 and not faults(conflict)


def test_the_survey_of_a_child_prints_only_what_it_was_given_in_each_state(login):
    child, teacher = f.child(school_class=f.school_class()), f.teacher_of(f.school_class())
    client, url = login(teacher), reverse("child-survey", args=[child.code])
    assert not faults(client.get(url))  # no round
    f.census_round()
    spring = f.term("2026-spring", dt.date(2026, 2, 15), dt.date(2026, 8, 31))
    f.need(f.survey(child, teacher, term=spring, study="爱看书"))
    form = client.get(url)
    assert "爱看书" in form.content.decode() and not faults(form)
    assert not faults(client.post(url, {"need1-what": "冬衣"}))
    survey = f.survey(child, teacher)
    assert not faults(client.get(url))
    again = reverse("survey-update", args=[survey.code])
    sent = form_values(client.get(again)) | {"study": "认真"}
    survey.study = "很认真"
    survey.save()
    conflict = client.post(again, sent)
    assert conflict.status_code == 409 and not faults(conflict)


def test_signing_in_and_a_forced_change_print_only_what_they_were_given(client):
    Demonstration.objects.create()
    f.with_password(f.user(Role.HEAD, username="head", must_change_password=True))
    assert not faults(client.get("/login/", {"next": "/children/"}))
    for _ in range(6):
        assert not faults(client.post("/login/", {"username": "nobody", "password": "x"}))
    client.post("/login/", {"username": "head", "password": f.PASSWORD})
    assert not faults(client.get(reverse("password-change")))
    assert not faults(client.post(reverse("password-change"), {}))


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_stands_without_request_and_without_any_context(name):
    text = get_template(name).template.render(Context())
    assert "⟪" not in text and "<h1>" in text and "Carebase" in text


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_error_page_says_its_language(name, language, client):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with translation.override(language):
        text = get_template(name).render({}, request)
    assert f'<html lang="{language}">' in text and "⟪" not in text


def test_the_real_refusals_use_the_pages_of_the_site(login):
    client = login(f.teacher_of(f.school_class()))
    assert "We could not find this page" in client.get("/nowhere/").content.decode()
    assert "This is not part of your work here" in client.get(reverse("event-list")).content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert "Please send it once more" in strict.post("/login/", {}).content.decode()


def test_every_page_has_a_title_of_its_own(login):
    child = f.child(school_class=f.school_class())
    client = login(f.head_of(f.school()))
    urls = ["/", "/children/", "/children/new/", "/visits/", "/visits/overdue/", "/pairing/", "/activities/"]
    urls += ["/password/", "/children/enrol/", "/children/import/", child.get_absolute_url()]
    titles = [re.search("<title>(.*?)</title>", client.get(url).content.decode(), re.S)[1].strip() for url in urls]
    assert len(set(titles)) == len(titles) and all(title.endswith("· Carebase") for title in titles)
    assert not [title for title in titles if title == "· Carebase"]


def test_every_template_that_is_named_exists():
    folder = Path(settings.BASE_DIR)
    texts = [path.read_text(encoding="utf-8") for app in settings.INSTALLED_APPS[:9] for path in sources(folder, app)]
    named = {name for text in texts for name in re.findall(r"\"([a-z_0-9]+/[a-z_/0-9]+\.html)\"", text)}
    assert named
    for name in named:
        get_template(name)


def sources(folder: Path, app: str) -> list[Path]:
    start = folder / app.split(".")[0]
    return [path for path in start.rglob("*.py") if "migrations" not in path.parts]
