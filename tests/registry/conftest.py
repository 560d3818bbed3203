"""Who imports, in the places that the sheets of `tests.workbooks` name: made once a module."""

import pytest

from tests import factories as f


@pytest.fixture(scope="module")
def importer(module_db):
    """A coordinator of the township with its two villages; a village and a school of another township exist."""
    f.village(), f.other_village(), f.far_village(), f.other_school(), f.term()
    return f.coordinator_of(f.township())


@pytest.fixture
def by(importer, db):
    """The importer as this test's own object."""
    return type(importer).objects.get(pk=importer.pk)
