"""Places, postings, terms, and the census file of each child with its family."""

from registry.models.children import Child
from registry.models.family import Absence, CategoryMembership, Guardianship, Referral, Relative
from registry.models.imports import ImportBatch, ImportFile, ImportRow
from registry.models.layouts import ColumnLayout
from registry.models.places import Division, School, SchoolClass, Term
from registry.models.postings import Posting

__all__ = [
    "Absence",
    "CategoryMembership",
    "Child",
    "ColumnLayout",
    "Division",
    "Guardianship",
    "ImportBatch",
    "ImportFile",
    "ImportRow",
    "Posting",
    "Referral",
    "Relative",
    "School",
    "SchoolClass",
    "Term",
]
