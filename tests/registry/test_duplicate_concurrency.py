"""Several people merge the same files at the same time: one succeeds."""

import pytest

from registry.duplicates.services import mark_as_different, merge_files
from registry.models import Child, DuplicateSettlement, Merge
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def files():
    made = [f.child(name, school_class=f.school_class()) for name in ("王小明", "王晓明")]
    for child in made:
        f.visit(child, f.user("teacher"))
    return made


def test_of_eight_who_merge_the_same_two_files_one_succeeds(files, tmp_path):
    heads = [f.head_of(f.school()) for _ in range(8)]
    acts = [merging_of(files[number % 2], files[1 - number % 2], head) for number, head in enumerate(heads)]
    with shared_database(tmp_path):
        outcomes = run_concurrently(acts)
        assert Merge.objects.count() == 1
        assert Child.objects.open().get().visits.count() == 2
    assert sorted(outcomes) == sorted([DONE] + ["One of these files is already merged."] * 7)


def merging_of(kept, gone, head):
    return lambda: merge_files(kept=kept, gone=gone, choices={}, by=head)


def test_of_four_who_settle_the_same_pair_one_succeeds(files, tmp_path):
    heads = [f.head_of(f.school()) for _ in range(4)]
    acts = [
        lambda head=head: mark_as_different(one=files[0], other=files[1], reason="双胞胎", by=head) for head in heads
    ]
    with shared_database(tmp_path):
        outcomes = run_concurrently(acts)
        assert DuplicateSettlement.objects.count() == 1
    assert sorted(outcomes) == sorted([DONE] + ["Someone already decided on this pair."] * 3)
