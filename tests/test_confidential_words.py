"""What a counsellor wrote stands on no page, file, export or admin page but those of a counsellor of the child."""

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from carebase.accounts.roles import ROLES, Role
from registry.hooks import document
from tests import factories as f
from tests import test_admin_matrix
from tests.page_walk import ADMIN, EXPECTED, scene, walk

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
CANARY = "金丝雀"
REASON = "转介缘由"
FIELDS = ("met", "observed", "said", "advice")
MAY_REFER = {Role.TEACHER, Role.HEAD, Role.COORDINATOR}


def words_in(response) -> str:
    """Return what an answer says, a workbook unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):
        book = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(book.read(name) for name in book.namelist())
    return content.decode("utf-8", "replace")


def plant(child, counsellor):
    """Return a counselling of the child that was corrected, so that the trail has both versions of the note."""
    talk = f.counselling(
        child, counsellor, f"{CANARY}前", **dict.fromkeys(("met", "observed", "advice"), f"{CANARY}前")
    )
    for name in FIELDS:
        setattr(talk.note, name, f"{CANARY}后")
    talk.note.save()
    return talk


def admin_answers(user, child, talk):
    """Yield the line and the answer of each admin page, of the planted records where it shows one."""
    kept = test_admin_matrix.scene(f.admin_of(f.other_village()), "孩", f.other_village())
    kept |= {"registry.child": child, "visits.visit": talk}
    client = Client()
    client.force_login(user)
    for line in ADMIN:
        yield line, client.get(test_admin_matrix.address(line[0], kept))
    yield ("admin search",), client.get(reverse("admin:visits_visit_changelist"), {"q": CANARY})


def searches_and_papers(user, child):
    """Yield the answers of lists searched for the words themselves, and of each paper as a page and a workbook."""
    client = Client()
    client.force_login(user)
    for page in ("visit-list", "child-list", "referral-list", "visit-overdue"):
        yield (page, "searched"), client.get(reverse(page), {"q": CANARY})
    for paper in document:
        place = {"village": child.village_id, "full": "on"}
        yield (paper.name, "print"), client.get(reverse("paper-print", args=[paper.name]), place)
        yield (paper.name, "xlsx"), client.get(reverse("paper-file", args=[f"{paper.name}.xlsx"]), place)
    yield ("child-form", "xlsx"), client.get(reverse("child-form", args=[child.code]), {"format": "xlsx"})
    term = {"term": f.term().slug, "division": f.township().code}
    yield ("term-report", "csv"), client.get(reverse("term-report"), term)


@pytest.mark.parametrize("role", [*ROLES])
def test_no_page_of_a_role_holds_a_word_of_counselling_but_a_counsellors_of_the_child(role):
    user, kept = scene(role)
    child = kept["own"]["child"]
    counsellor = kept["own"]["referral"].counsellor
    kept["own"]["referral"].reason = REASON
    kept["own"]["referral"].save()
    talk = kept["own"]["visit"] = plant(child, counsellor)
    own = [line for line in EXPECTED if line[2] != "other"]
    answers = [*walk(user, kept, own), *admin_answers(user, child, talk), *searches_and_papers(user, child)]
    texts = [(line, words_in(response)) for line, response in answers]
    found = {line[0] for line, text in texts if f"{CANARY}前" in text or f"{CANARY}后" in text}
    reasons = {line[0] for line, text in texts if REASON in text}
    assert found == ({"visit-detail", "visit-update"} if role == Role.COUNSELLOR else set())
    assert reasons == ({"referral-detail"} if role in MAY_REFER | {Role.COUNSELLOR} else set())
    assert len(texts) > 150
