"""Places, postings, terms, and the census file of each child with its family."""

from registry.models.children import Child
from registry.models.entrustment import CarerRefusal, Entrustment
from registry.models.family import Absence, CategoryMembership, Guardianship, Referral, Relative
from registry.models.imports import ImportBatch, ImportRow
from registry.models.places import Division, School, SchoolClass, Term
from registry.models.postings import Posting

__all__ = [
    "Absence",
    "CarerRefusal",
    "CategoryMembership",
    "Child",
    "Division",
    "Entrustment",
    "Guardianship",
    "ImportBatch",
    "ImportRow",
    "Posting",
    "Referral",
    "Relative",
    "School",
    "SchoolClass",
    "Term",
]
