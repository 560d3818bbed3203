"""Places, postings, terms, and the census file of each child with its family."""

from registry.models.children import Child
from registry.models.closing import Decision
from registry.models.definitions import Definition
from registry.models.duplicates import DuplicateSettlement, Merge
from registry.models.entrustment import CarerRefusal, Entrustment
from registry.models.family import Absence, CategoryMembership, Guardianship, HomeStay, Referral, Relative
from registry.models.imports import ImportBatch, ImportFile, ImportRow
from registry.models.layouts import ColumnLayout
from registry.models.places import Division, School, SchoolClass, Term
from registry.models.postings import Posting
from registry.models.rounds import Domain, Need, Rating, Round, Survey
from registry.models.transfers import Transfer
from registry.models.verification import Comparison, ComparisonRow

__all__ = [
    "Absence",
    "CarerRefusal",
    "CategoryMembership",
    "Child",
    "Comparison",
    "ComparisonRow",
    "Decision",
    "Definition",
    "ColumnLayout",
    "Division",
    "Domain",
    "DuplicateSettlement",
    "Entrustment",
    "Guardianship",
    "HomeStay",
    "ImportBatch",
    "ImportFile",
    "ImportRow",
    "Merge",
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
    "Transfer",
]
