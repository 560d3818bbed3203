"""Places, postings, terms, and the census file of each child with its family."""

from registry.models.children import Child
from registry.models.family import Absence, CategoryMembership, Guardianship, Referral, Relative
from registry.models.imports import ImportBatch, ImportRow
from registry.models.places import Division, School, SchoolClass, Term
from registry.models.postings import Posting
from registry.models.rounds import Domain, Need, Rating, Round, Survey

__all__ = [
    "Absence",
    "CategoryMembership",
    "Child",
    "Division",
    "Domain",
    "Guardianship",
    "ImportBatch",
    "ImportRow",
    "Need",
    "Posting",
    "Rating",
    "Referral",
    "Relative",
    "Round",
    "School",
    "SchoolClass",
    "Survey",
    "Term",
]
