"""The seal of the audit trail on the page of the term report, and as a file."""

import pytest

from carebase.accounts.roles import Role
from carebase.audit.models import Action, Event, record_event
from carebase.audit.services import seal_trail
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def seal():
    record_event(Action.VIEW)
    seal_trail()
    record_event(Action.VIEW)
    return seal_trail()


@pytest.mark.usefixtures("unknown_variables")
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR])
def test_the_page_of_the_term_report_prints_the_last_seal(login, seal, role):
    page = login(f.posted_user(role, f.township())).get("/reports/").content.decode()
    assert seal.root_text in page and seal.key_id in page and "<dd>2</dd>" in page


def test_before_the_first_seal_the_page_has_none_and_the_file_is_not_found(login):
    client = login(f.coordinator_of(f.township()))
    assert "Seal of the audit trail" not in client.get("/reports/").content.decode()
    assert client.get("/reports/seal.txt").status_code == 404


def test_the_seal_is_taken_away_as_a_file_that_is_recorded(login, seal):
    coordinator = f.coordinator_of(f.township())
    response = login(coordinator).get("/reports/seal.txt")
    assert response.content.decode() == seal.note
    event = Event.objects.get(action=Action.EXPORT)
    assert (event.user, event.model, event.object_code) == (coordinator, "audit.treehead", "2")
