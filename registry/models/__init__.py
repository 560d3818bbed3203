"""The models of the registry."""

# ruff: noqa: F401 (other modules import the models from here)

from registry.models.children import Child, ChildRecord
from registry.models.closing import Decision
from registry.models.definitions import Definition
from registry.models.duplicates import DuplicateSettlement, Merge
from registry.models.entrustment import CarerRefusal, Entrustment
from registry.models.family import Absence, CategoryMembership, Guardianship, HomeStay, Relative
from registry.models.imports import ImportBatch, ImportFile, ImportRow
from registry.models.layouts import ColumnLayout
from registry.models.places import Division, School, SchoolClass, Term
from registry.models.postings import Posting
from registry.models.referrals import Referral
from registry.models.rounds import Domain, Need, Rating, Round, Survey
from registry.models.transfers import Transfer
from registry.models.verification import Comparison, ComparisonRow
