"""The audit trail: every act writes its event in its own transaction, and no event is ever changed."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.urls import reverse

from carebase.audit.context import acting_as, client_address, current_actor
from carebase.audit.models import Action, Event, record_event
from registry.models import Child, Division, Relative
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def here():
    """A class with its teacher, a child of it, and a child of another class."""
    own, other = f.school_class(), f.school_class(number=2)
    return {
        "teacher": f.teacher_of(own),
        "child": f.child("王小明", school_class=own),
        "other": f.child("陈小红", school_class=other),
    }


def events(action, **fields) -> list[Event]:
    return list(Event.objects.filter(action=action, **fields))


def test_opening_a_file_writes_one_event_with_reader_child_and_address(here, login):
    login(here["teacher"]).get(here["child"].get_absolute_url())
    [event] = events(Action.VIEW)
    assert (event.user, event.subject, event.address) == (here["teacher"], here["child"].code, "127.0.0.1")
    assert event.object_code == here["child"].code


def test_opening_the_edit_form_writes_one_event(here, login):
    login(here["teacher"]).get(here["child"].get_absolute_url() + "edit/")
    assert [event.detail for event in events(Action.VIEW)] == [{"form": True}]


def test_the_list_opens_no_file(here, login):
    login(here["teacher"]).get(reverse("child-list"))
    assert not events(Action.VIEW)


@pytest.mark.parametrize(("page", "status"), [("other", 404), ("event-list", 403)])
def test_a_refusal_writes_one_event_and_no_view(here, login, page, status):
    url = here["other"].get_absolute_url() if page == "other" else reverse(page)
    assert login(here["teacher"]).get(url).status_code == status
    [event] = events(Action.REFUSAL)
    assert event.detail == {"path": url, "method": "GET", "status": status}
    assert event.user == here["teacher"]
    assert not events(Action.VIEW)


def test_a_stale_save_is_recorded_as_refused(here, login):
    url = here["child"].get_absolute_url() + "edit/"
    assert login(here["teacher"]).post(url, {"version": "0", "name": "王大明"}).status_code == 409
    assert [event.detail["status"] for event in events(Action.REFUSAL)] == [409]


def test_an_address_that_holds_nul_is_refused_and_recorded_on_every_database(here, login):
    assert login(here["teacher"]).get("/children/%00/").status_code == 404
    [event] = events(Action.REFUSAL)
    assert "\0" not in event.detail["path"]


def test_a_request_before_sign_in_writes_no_event(here, client):
    assert client.get(here["child"].get_absolute_url()).status_code == 302
    assert client.get("/nowhere/").status_code in {302, 404}
    assert not events(Action.REFUSAL)


def test_a_change_records_old_and_new_values_of_changed_fields_only(here):
    with acting_as(here["teacher"]):
        here["child"].hukou_place = "湖北枝江"
        here["child"].save()
    [event] = events(Action.CHANGE)
    assert event.changes == {"hukou_place": ["", "湖北枝江"]}
    assert event.detail == {"version": 2}
    assert event.user == here["teacher"]


def test_a_save_without_changes_writes_no_event(here):
    here["child"].save()
    assert not events(Action.CHANGE)


def test_a_change_of_one_field_alone_is_recorded_too(here):
    here["child"].hukou_place = "湖北枝江"
    here["child"].save(update_fields=["hukou_place"])
    assert [event.changes for event in events(Action.CHANGE)] == [{"hukou_place": ["", "湖北枝江"]}]


def test_what_is_encrypted_stays_encrypted_in_the_trail(here):
    child, number = here["child"], here["child"].id_number
    child.residence = "合心村三组十二号"
    child.save()
    relative = Relative.objects.create(child=child, relation="51", name="王大山", phone="13800000000")
    relative.delete()
    trail = str(list(Event.objects.values_list("changes", "detail")))
    assert "三组" not in trail and "13800000000" not in trail and number not in trail
    assert events(Action.CHANGE)[0].changes["residence"][1].startswith("k1:")


def test_a_deletion_records_the_values_of_the_row(here):
    relative = Relative.objects.create(child=here["child"], relation="51", name="王大山", phone="13800000000")
    relative.delete()
    [event] = events(Action.DELETE)
    assert (event.model, event.subject) == ("registry.relative", here["child"].code)
    assert event.changes["name"] == ["王大山", None]
    assert event.changes["relation"] == ["51", None]
    assert event.changes["phone"][0].startswith("k1:")
    assert "birth_date" not in event.changes


def test_deleting_many_writes_an_event_for_each(here):
    for relation in ("51", "52"):
        Relative.objects.create(child=here["child"], relation=relation, name="王大山")
    Relative.objects.filter(child=here["child"]).delete()
    assert len(events(Action.DELETE)) == 2


def test_the_password_is_never_in_the_trail():
    account = f.with_password(f.user("head"))
    account.name = "Someone Else"
    f.with_password(account, "another-long-phrase")
    assert [set(event.changes) for event in events(Action.CHANGE, object_code=str(account.pk))] == [{"name"}]


def test_a_rolled_back_change_writes_no_event(here):
    before = Event.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        f.child("张三")
        raise RuntimeError
    assert Event.objects.count() == before
    assert not Child.objects.filter(name="张三").exists()


def test_a_change_whose_event_cannot_be_written_is_rolled_back(here, monkeypatch):
    def refuse(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr("carebase.audit.models.record_event", refuse)
    here["child"].name = "王大明"
    with pytest.raises(DatabaseError):
        here["child"].save()
    assert Child.objects.get(pk=here["child"].pk).name == "王小明"


def test_a_page_is_not_shown_unless_its_event_was_written(here, login, monkeypatch):
    def refuse(*args, **kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr("carebase.views.record_event", refuse)
    with pytest.raises(DatabaseError):
        login(here["teacher"]).get(here["child"].get_absolute_url())


@pytest.mark.parametrize("way", ["save", "delete", "update", "queryset delete"])
def test_an_event_cannot_be_changed(way):
    event = record_event(Action.VIEW)
    with pytest.raises(TypeError):
        match way:
            case "save":
                event.save()
            case "delete":
                event.delete()
            case "update":
                Event.objects.update(action="view")
            case "queryset delete":
                Event.objects.all().delete()


REWRITES = {
    "both": ["UPDATE audit_event SET action = 'view'", "DELETE FROM audit_event"],
    "postgresql": [
        "TRUNCATE audit_event",
        "TRUNCATE accounts_user CASCADE",
        "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (id) DO UPDATE SET action = 'view'",
    ],
    "sqlite": [
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
        "REPLACE INTO audit_event SELECT * FROM audit_event",
        "INSERT INTO audit_event SELECT * FROM audit_event WHERE true ON CONFLICT (id) DO UPDATE SET action = 'view'",
        "UPDATE OR REPLACE audit_event SET id = 1, action = 'view'",
        "UPDATE OR IGNORE audit_event SET action = 'view'",
    ],
}


@pytest.mark.parametrize("sql", [*REWRITES["both"], *REWRITES[connection.vendor]])
def test_the_database_itself_refuses_to_change_an_event(sql):
    record_event(Action.EXPORT)
    connection.check_constraints()  # or PostgreSQL refuses to truncate for another reason
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert [event.action for event in Event.objects.all()] == ["export"]


@pytest.mark.parametrize("write", ["update", "bulk_update", "upsert"])
def test_bulk_writes_without_events_are_refused(here, write):
    with pytest.raises(TypeError):
        match write:
            case "update":
                Child.objects.update(name="x")
            case "bulk_update":
                Child.objects.bulk_update([here["child"]], ["name"])
            case "upsert":
                Division.objects.bulk_create([Division(code="990101101203")], ignore_conflicts=True)


def test_bulk_created_rows_write_an_event_each():
    f.township()
    Division.objects.bulk_create([Division(code=f"99010110121{n}", name=f"村{n}") for n in range(3)])
    assert len(events(Action.CREATE, object_code__startswith="99010110121")) == 3


def test_the_innermost_context_decides_who_acts(here):
    with acting_as(here["teacher"]):
        assert current_actor().user == here["teacher"]
        with acting_as(None):
            assert current_actor().user is None
        assert current_actor().user == here["teacher"]
    assert current_actor().user is None


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),  # a header that anyone may send
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (1, "", "10.0.0.1"),
        (1, "nonsense", "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed_about_the_address(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == address
