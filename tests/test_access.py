"""Every page as every role, walked once: the status of the table, and nothing on the page that must not be there.

A page of the URLconf or a role that is missing from `access.txt` stops the collection with its name.
"""

import pytest

from tests import page_faults, page_walk
from tests.page_walk import (  # the names that other tests take from here
    ASKED,
    EXPECTED,
    FOREIGN,
    PAGES,
    ROLES,
    address,
    codes,
    counts,
    gaps,
    papers_of,
    scene,
    status,
    versions,
    walk,
)

__all__ = ["ASKED", "EXPECTED", "PAGES", "ROLES", "address", "papers_of", "scene"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.usefixtures("unknown_variables")]
if found := gaps():
    raise pytest.Collector.CollectError("tests/access.txt: " + "; ".join(found))


# The pages that the pages of each role lead to, as the walks below find them.
LINKS: dict[str, set[str]] = {}
WITHOUT_LINK = {
    "login": "those who are signed in need it no more, and the others are sent there",
    "healthz": "asked by a program",
    "child-reopen": "of a closed file",
    "import-columns": "of a sheet whose headings nobody knows",
    "import-refused": "of an import with refused rows",
    "import-undo": "of a saved import",
}


def test_a_page_or_a_role_that_the_table_lacks_is_named(monkeypatch):
    monkeypatch.setattr(page_walk, "ROLES", [role for role in ROLES if role != "carer"])
    monkeypatch.setattr(page_walk, "PAGES", [page for page in PAGES if page != "visit-list"])
    assert gaps() == ["the page visit-list has no line", "the role carer has no column"]


def faults(row, response, role: str, foreign) -> list[str]:
    """Return what is wrong with an answer to a line of the table."""
    (page, _way, whose), wanted = row, EXPECTED[row][role]
    answer, text = status(page, response), page_faults.text_of(response)
    found = [f"answers {answer}, in the table stands {wanted}"] if answer != wanted else []
    found += [f"prints the unknown variable {name}" for name in page_faults.unknown_variables(response)]
    if FOREIGN in text or (whose != "other" and foreign.search(text)):
        found.append("tells of another office's child")
    if page_faults.is_page(response):
        found += page_faults.inaccessible(text)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_each_page_answers_a_role_as_the_table_says_and_shows_it_nothing_else(role):
    user, kept = scene(role)
    before, foreign = (versions(kept["other"]), counts()), codes(kept["other"])
    wrong, links = [], LINKS.setdefault(role, set())
    for row, response in walk(user, kept):
        wrong += [f"{' '.join(row)}: {fault}" for fault in faults(row, response, role, foreign)]
        links |= page_faults.linked_pages(response)
    assert not wrong, "\n".join(["", *wrong])
    assert (versions(kept["other"]), counts()) == before, "another office's records were changed"


def test_every_page_is_reached_from_another():
    if set(LINKS) != set(ROLES):
        pytest.skip("needs the walks of all roles")
    assert {page for page in PAGES if page not in set().union(*LINKS.values())} == set(WITHOUT_LINK)
