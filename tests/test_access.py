"""The access matrix: page × role → status, for one's own objects and another office's, reading and writing.

A page of the URLconf (the admin has its own matrix) or a role that is missing from the table fails the tests.
"""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from carebase.accounts.roles import Role
from pairing.models import Carer, Pairing
from registry.models import Child, ImportBatch, Merge, Referral
from tests import factories as f

pytestmark = pytest.mark.django_db
# 302: sent on; 403: not part of one's role; 404: somebody else's; 405: no such act; 409: an edit without a version.
TABLE = """
page                way  whose teacher head carer village coordinator counsellor auditor admin anonymous
home                GET  -     200     200  200   200     200         200        200     200   login
home                POST -     200     200  200   200     200         200        200     200   login
report-list         GET  -     403     200  403   403     200         403        200     403   login
report-list         POST -     403     405  403   403     405         403        405     403   login
term-report         GET  own   403     403  403   403     200         403        403     403   login
term-report         GET  other 403     403  403   403     404         403        403     403   login
term-report         POST own   403     403  403   403     405         403        403     403   login
term-report         POST other 403     403  403   403     405         403        403     403   login
event-list          GET  -     403     403  403   403     403         403        200     403   login
event-list          POST -     403     403  403   403     403         403        405     403   login
healthz             GET  -     200     200  200   200     200         200        200     200   200
healthz             POST -     200     200  200   200     200         200        200     200   200
login               GET  -     302     302  302   302     302         302        302     302   200
login               POST -     302     302  302   302     302         302        302     302   200
logout              GET  -     405     405  405   405     405         405        405     405   302
logout              POST -     302     302  302   302     302         302        302     302   302
password-change     GET  -     200     200  200   200     200         200        200     200   login
password-change     POST -     200     200  200   200     200         200        200     200   login
set_language        GET  -     302     302  302   302     302         302        302     302   302
set_language        POST -     302     302  302   302     302         302        302     302   302
census-work         GET  -     200     200  403   200     200         403        403     403   login
census-work         POST -     405     405  403   405     405         403        403     403   login
child-list          GET  -     200     200  200   200     200         200        403     403   login
child-list          POST -     405     405  405   405     405         405        403     403   login
child-create        GET  -     200     200  403   200     200         403        403     403   login
child-create        POST -     200     200  403   200     200         403        403     403   login
child-enrol         GET  -     403     200  403   403     200         403        403     403   login
child-enrol         POST -     403     200  403   403     200         403        403     403   login
import-upload       GET  -     403     200  403   200     200         403        403     403   login
import-upload       POST -     403     200  403   200     200         403        403     403   login
import-preview      GET  own   403     200  403   200     200         403        403     403   login
import-preview      GET  other 403     404  403   404     404         403        403     403   login
import-preview      POST own   403     400  403   400     400         403        403     403   login
import-preview      POST other 403     404  403   404     404         403        403     403   login
import-columns      GET  own   403     200  403   200     200         403        403     403   login
import-columns      GET  other 403     404  403   404     404         403        403     403   login
import-columns      POST own   403     200  403   200     200         403        403     403   login
import-columns      POST other 403     404  403   404     404         403        403     403   login
import-refused      GET  own   403     302  403   302     302         403        403     403   login
import-refused      GET  other 403     404  403   404     404         403        403     403   login
import-refused      POST own   403     405  403   405     405         403        403     403   login
import-refused      POST other 403     405  403   405     405         403        403     403   login
import-undo         GET  own   403     200  403   200     200         403        403     403   login
import-undo         GET  other 403     404  403   404     404         403        403     403   login
import-undo         POST own   403     302  403   302     302         403        403     403   login
import-undo         POST other 403     404  403   404     404         403        403     403   login
import-list         GET  -     403     200  403   200     200         403        403     403   login
import-list         POST -     403     405  403   405     405         403        403     403   login
duplicate-list      GET  -     403     200  403   200     200         403        403     403   login
duplicate-list      POST -     403     405  403   405     405         403        403     403   login
duplicate-merge     GET  own   403     200  403   200     200         403        403     403   login
duplicate-merge     GET  other 403     404  403   404     404         403        403     403   login
duplicate-merge     POST own   403     200  403   200     200         403        403     403   login
duplicate-merge     POST other 403     404  403   404     404         403        403     403   login
merge-detail        GET  own   403     200  403   200     200         403        403     403   login
merge-detail        GET  other 403     404  403   404     404         403        403     403   login
merge-detail        POST own   403     302  403   302     302         403        403     403   login
merge-detail        POST other 403     404  403   404     404         403        403     403   login
child-detail        GET  own   200     200  200   200     200         200        403     403   login
child-detail        GET  other 404     404  404   404     404         404        403     403   login
child-detail        POST own   405     405  405   405     405         405        403     403   login
child-detail        POST other 405     405  405   405     405         405        403     403   login
child-update        GET  own   200     200  403   200     200         403        403     403   login
child-update        GET  other 404     404  403   404     404         403        403     403   login
child-update        POST own   409     409  403   409     409         403        403     403   login
child-update        POST other 404     404  403   404     404         403        403     403   login
child-unmask        GET  own   404     404  404   404     404         404        403     403   login
child-unmask        GET  other 404     404  404   404     404         404        403     403   login
child-unmask        POST own   200     200  403   200     200         403        403     403   login
child-unmask        POST other 404     404  403   404     404         403        403     403   login
child-history       GET  own   200     200  403   200     200         403        403     403   login
child-history       GET  other 404     404  403   404     404         403        403     403   login
child-history       POST own   302     302  403   302     302         403        403     403   login
child-history       POST other 404     404  403   404     404         403        403     403   login
comparison-list     GET  -     403     200  403   200     200         403        403     403   login
comparison-list     POST -     403     405  403   405     405         403        403     403   login
comparison-create   GET  -     403     200  403   200     200         403        403     403   login
comparison-create   POST -     403     200  403   200     200         403        403     403   login
comparison-detail   GET  own   403     200  403   200     200         403        403     403   login
comparison-detail   GET  other 403     404  403   404     404         403        403     403   login
comparison-detail   POST own   403     405  403   405     405         403        403     403   login
comparison-detail   POST other 403     405  403   405     405         403        403     403   login
comparison-row      GET  own   403     200  403   200     200         403        403     403   login
comparison-row      GET  other 403     404  403   404     404         403        403     403   login
comparison-row      POST own   403     302  403   302     302         403        403     403   login
comparison-row      POST other 403     404  403   404     404         403        403     403   login
transfer-list       GET  -     403     200  403   200     200         403        403     403   login
transfer-list       POST -     403     405  403   405     405         403        403     403   login
transfer-create     GET  own   403     200  403   200     200         403        403     403   login
transfer-create     GET  other 403     404  403   404     404         403        403     403   login
transfer-create     POST own   403     200  403   200     200         403        403     403   login
transfer-create     POST other 403     404  403   404     404         403        403     403   login
transfer-detail     GET  own   403     200  403   200     200         403        403     403   login
transfer-detail     GET  other 403     404  403   404     404         403        403     403   login
transfer-detail     POST own   403     400  403   400     400         403        403     403   login
transfer-detail     POST other 403     404  403   404     404         403        403     403   login
round-list          GET  -     200     200  403   200     200         403        403     403   login
round-list          POST -     405     405  403   405     405         403        403     403   login
round-create        GET  -     403     403  403   403     200         403        403     403   login
round-create        POST -     403     403  403   403     200         403        403     403   login
round-detail        GET  own   200     200  403   200     200         403        403     403   login
round-detail        GET  other 404     404  403   404     404         403        403     403   login
round-detail        POST own   405     405  403   405     405         403        403     403   login
round-detail        POST other 405     405  403   405     405         403        403     403   login
round-update        GET  own   403     403  403   403     200         403        403     403   login
round-update        GET  other 403     403  403   403     404         403        403     403   login
round-update        POST own   403     403  403   403     409         403        403     403   login
round-update        POST other 403     403  403   403     404         403        403     403   login
round-open          GET  own   200     200  403   200     200         403        403     403   login
round-open          GET  other 404     404  403   404     404         403        403     403   login
round-open          POST own   405     405  403   405     405         403        403     403   login
round-open          POST other 405     405  403   405     405         403        403     403   login
child-survey        GET  own   200     200  403   200     200         200        403     403   login
child-survey        GET  other 404     404  403   404     404         404        403     403   login
child-survey        POST own   200     200  403   200     403         403        403     403   login
child-survey        POST other 404     404  403   404     403         403        403     403   login
survey-update       GET  own   200     200  403   200     403         403        403     403   login
survey-update       GET  other 404     404  403   404     403         403        403     403   login
survey-update       POST own   409     409  403   409     403         403        403     403   login
survey-update       POST other 404     404  403   404     403         403        403     403   login
need-list           GET  -     200     200  403   200     200         403        403     403   login
need-list           POST -     405     405  403   405     405         403        403     403   login
need-update         GET  own   200     200  403   200     200         403        403     403   login
need-update         GET  other 404     404  403   404     404         403        403     403   login
need-update         POST own   409     409  403   409     409         403        403     403   login
need-update         POST other 404     404  403   404     404         403        403     403   login
child-form          GET  own   200     200  403   200     200         403        403     403   login
child-form          GET  other 404     404  403   404     404         403        403     403   login
child-form          POST own   405     405  403   405     405         403        403     403   login
child-form          POST other 405     405  403   405     405         403        403     403   login
paper-list          GET  -     200     200  403   200     200         403        403     403   login
paper-list          POST -     405     405  403   405     405         403        403     403   login
paper-print         GET  own   200     200  403   404     200         403        403     403   login
paper-print         GET  other 404     404  403   404     404         403        403     403   login
paper-print         POST own   405     405  403   405     405         403        403     403   login
paper-print         POST other 405     405  403   405     405         403        403     403   login
paper-file          GET  own   200     200  403   404     200         403        403     403   login
paper-file          GET  other 404     404  403   404     404         403        403     403   login
paper-file          POST own   405     405  403   405     405         403        403     403   login
paper-file          POST other 405     405  403   405     405         403        403     403   login
child-left-behind   GET  own   200     200  403   200     200         403        403     403   login
child-left-behind   GET  other 404     404  403   404     404         403        403     403   login
child-left-behind   POST own   405     405  403   405     405         403        403     403   login
child-left-behind   POST other 405     405  403   405     405         403        403     403   login
child-departure     GET  own   200     200  403   200     200         403        403     403   login
child-departure     GET  other 404     404  403   404     404         403        403     403   login
child-departure     POST own   200     200  403   200     200         403        403     403   login
child-departure     POST other 404     404  403   404     404         403        403     403   login
child-return        GET  own   200     200  403   200     200         403        403     403   login
child-return        GET  other 404     404  403   404     404         403        403     403   login
child-return        POST own   200     200  403   200     200         403        403     403   login
child-return        POST other 404     404  403   404     404         403        403     403   login
absence-update      GET  own   200     200  403   200     200         403        403     403   login
absence-update      GET  other 404     404  403   404     404         403        403     403   login
absence-update      POST own   409     409  403   409     409         403        403     403   login
absence-update      POST other 404     404  403   404     404         403        403     403   login
closing-list        GET  -     403     200  403   200     200         403        403     403   login
closing-list        POST -     403     405  403   405     405         403        403     403   login
child-close         GET  own   403     200  403   200     200         403        403     403   login
child-close         GET  other 403     404  403   404     404         403        403     403   login
child-close         POST own   403     200  403   200     200         403        403     403   login
child-close         POST other 403     404  403   404     404         403        403     403   login
child-keep          GET  own   403     200  403   200     200         403        403     403   login
child-keep          GET  other 403     404  403   404     404         403        403     403   login
child-keep          POST own   403     200  403   200     200         403        403     403   login
child-keep          POST other 403     404  403   404     404         403        403     403   login
child-reopen        GET  own   403     302  403   302     302         403        403     403   login
child-reopen        GET  other 403     404  403   404     404         403        403     403   login
child-reopen        POST own   403     302  403   302     302         403        403     403   login
child-reopen        POST other 403     404  403   404     404         403        403     403   login
alone-list          GET  -     200     200  403   200     200         403        403     403   login
alone-list          POST -     405     405  403   405     405         403        403     403   login
entrustment-list    GET  -     200     200  403   200     200         403        403     403   login
entrustment-list    POST -     405     405  403   405     405         403        403     403   login
child-photo         GET  own   200     200  403   200     403         403        403     403   login
child-photo         GET  other 404     404  403   404     403         403        403     403   login
child-photo         POST own   200     200  403   200     403         403        403     403   login
child-photo         POST other 404     404  403   404     403         403        403     403   login
child-photo-file    GET  own   200     200  200   200     200         403        403     403   login
child-photo-file    GET  other 404     404  404   404     404         403        403     403   login
child-photo-file    POST own   405     405  405   405     405         403        403     403   login
child-photo-file    POST other 405     405  405   405     405         403        403     403   login
child-guardianship  GET  own   200     200  403   200     200         403        403     403   login
child-guardianship  GET  other 404     404  403   404     404         403        403     403   login
child-guardianship  POST own   405     405  403   405     405         403        403     403   login
child-guardianship  POST other 405     405  403   405     405         403        403     403   login
child-guardianship-new GET own   200   200  403   200     200         403        403     403   login
child-guardianship-new GET other 404   404  403   404     404         403        403     403   login
child-guardianship-new POST own  200   200  403   200     200         403        403     403   login
child-guardianship-new POST other 404  404  403   404     404         403        403     403   login
child-guardianship-edit GET own   200  200  403   200     200         403        403     403   login
child-guardianship-edit GET other 404  404  403   404     404         403        403     403   login
child-guardianship-edit POST own  200  200  403   200     200         403        403     403   login
child-guardianship-edit POST other 404 404  403   404     404         403        403     403   login
child-agreement     GET  own   200     200  403   200     200         403        403     403   login
child-agreement     GET  other 404     404  403   404     404         403        403     403   login
child-agreement     POST own   200     200  403   200     200         403        403     403   login
child-agreement     POST other 404     404  403   404     404         403        403     403   login
child-agreement-file GET own   200     200  403   200     200         403        403     403   login
child-agreement-file GET other 404     404  403   404     404         403        403     403   login
child-agreement-file POST own  405     405  403   405     405         403        403     403   login
child-agreement-file POST other 405    405  403   405     405         403        403     403   login
visit-list          GET  -     200     200  200   200     200         200        403     403   login
visit-list          POST -     405     405  405   405     405         405        403     403   login
visit-create        GET  own   200     200  200   200     200         200        403     403   login
visit-create        GET  other 404     404  404   404     404         404        403     403   login
visit-create        POST own   200     200  200   200     200         200        403     403   login
visit-create        POST other 404     404  404   404     404         404        403     403   login
visit-overdue       GET  -     200     200  200   200     200         200        403     403   login
visit-overdue       POST -     405     405  405   405     405         405        403     403   login
visit-detail        GET  own   200     200  200   200     200         200        403     403   login
visit-detail        GET  other 404     404  404   404     404         404        403     403   login
visit-detail        POST own   405     405  405   405     405         405        403     403   login
visit-detail        POST other 405     405  405   405     405         405        403     403   login
visit-update        GET  own   200     200  200   200     403         200        403     403   login
visit-update        GET  other 404     404  404   404     403         404        403     403   login
visit-update        POST own   409     409  409   409     403         409        403     403   login
visit-update        POST other 404     404  404   404     403         404        403     403   login
pairing-list        GET  -     200     200  200   200     200         403        403     403   login
pairing-list        POST -     405     405  405   405     405         403        403     403   login
pairing-create      GET  own   403     200  403   200     200         403        403     403   login
pairing-create      GET  other 403     404  403   404     404         403        403     403   login
pairing-create      POST own   403     200  403   200     200         403        403     403   login
pairing-create      POST other 403     404  403   404     404         403        403     403   login
carer-list          GET  -     403     200  403   200     200         403        403     403   login
carer-list          POST -     403     405  403   405     405         403        403     403   login
carer-create        GET  -     403     200  403   200     200         403        403     403   login
carer-create        POST -     403     200  403   200     200         403        403     403   login
carer-detail        GET  own   403     200  403   200     200         403        403     403   login
carer-detail        GET  other 403     404  403   404     404         403        403     403   login
carer-detail        POST own   403     405  403   405     405         403        403     403   login
carer-detail        POST other 403     405  403   405     405         403        403     403   login
carer-update        GET  own   403     200  403   200     200         403        403     403   login
carer-update        GET  other 403     404  403   404     404         403        403     403   login
carer-update        POST own   403     409  403   409     409         403        403     403   login
carer-update        POST other 403     404  403   404     404         403        403     403   login
pairing-detail      GET  own   200     200  200   200     200         403        403     403   login
pairing-detail      GET  other 404     404  404   404     404         403        403     403   login
pairing-detail      POST own   405     405  405   405     405         403        403     403   login
pairing-detail      POST other 405     405  405   405     405         403        403     403   login
pairing-end         GET  own   403     200  403   200     200         403        403     403   login
pairing-end         GET  other 403     404  403   404     404         403        403     403   login
pairing-end         POST own   403     409  403   409     409         403        403     403   login
pairing-end         POST other 403     404  403   404     404         403        403     403   login
activity-list       GET  -     200     200  403   200     200         403        403     403   login
activity-list       POST -     405     405  403   405     405         403        403     403   login
activity-create     GET  -     200     200  403   200     200         403        403     403   login
activity-create     POST -     200     200  403   200     200         403        403     403   login
donation-list       GET  -     403     200  403   200     200         403        403     403   login
donation-list       POST -     403     405  403   405     405         403        403     403   login
donation-create     GET  -     403     200  403   200     200         403        403     403   login
donation-create     POST -     403     200  403   200     200         403        403     403   login
donation-detail     GET  own   403     200  403   200     200         403        403     403   login
donation-detail     GET  other 403     404  403   404     404         403        403     403   login
donation-detail     POST own   403     405  403   405     405         403        403     403   login
donation-detail     POST other 403     405  403   405     405         403        403     403   login
donation-update     GET  own   403     200  403   200     200         403        403     403   login
donation-update     GET  other 403     404  403   404     404         403        403     403   login
donation-update     POST own   403     409  403   409     409         403        403     403   login
donation-update     POST other 403     404  403   404     404         403        403     403   login
activity-detail     GET  own   200     200  403   200     200         403        403     403   login
activity-detail     GET  other 404     404  403   404     404         403        403     403   login
activity-detail     POST own   405     405  403   405     405         403        403     403   login
activity-detail     POST other 405     405  403   405     405         403        403     403   login
activity-update     GET  own   200     200  403   200     200         403        403     403   login
activity-update     GET  other 404     404  403   404     404         403        403     403   login
activity-update     POST own   409     409  403   409     409         403        403     403   login
activity-update     POST other 404     404  403   404     404         403        403     403   login
activity-attendance GET  own   200     200  403   200     200         403        403     403   login
activity-attendance GET  other 404     404  403   404     404         403        403     403   login
activity-attendance POST own   302     302  403   302     302         403        403     403   login
activity-attendance POST other 404     404  403   404     404         403        403     403   login
activity-goods      GET  own   200     200  403   200     200         403        403     403   login
activity-goods      GET  other 404     404  403   404     404         403        403     403   login
activity-goods      POST own   302     302  403   302     302         403        403     403   login
activity-goods      POST other 404     404  403   404     404         403        403     403   login
job-detail          GET  own   200     200  200   200     200         200        200     200   login
job-detail          GET  other 404     404  404   404     404         404        404     404   login
job-detail          POST own   302     302  302   302     302         302        302     302   login
job-detail          POST other 404     404  404   404     404         404        404     404   login
"""
HEADER, *ROWS = [line.split() for line in TABLE.splitlines() if line]
ROLES = HEADER[3:]
EXPECTED = {tuple(row[:3]): dict(zip(ROLES, row[3:], strict=True)) for row in ROWS}
PAGES = sorted({page for page, _method, _whose in EXPECTED})

# Which object stands in the address of a page (or two of them); these have rows "own" and "other".
OBJECTS = {
    "child-detail": "child",
    "child-update": "child",
    "transfer-create": "child",
    "transfer-detail": "transfer",
    "comparison-detail": "comparison",
    "comparison-row": "comparison_row",
    "child-history": "child",
    "child-unmask": "child",
    "child-form": "child",
    "paper-print": "paper",
    "paper-file": "paper_file",
    "child-close": "child",
    "child-keep": "child",
    "child-reopen": "child",
    "child-left-behind": "child",
    "child-departure": "child",
    "child-return": "child",
    "absence-update": "child",
    "child-photo": "child",
    "child-photo-file": "child",
    "child-guardianship": "child",
    "child-guardianship-new": "child",
    "child-guardianship-edit": "child",
    "child-agreement": "child",
    "child-agreement-file": "child",
    "import-preview": "batch",
    "import-columns": "sent",
    "import-refused": "batch",
    "import-undo": "batch",
    "duplicate-merge": ("child", "twin"),
    "merge-detail": "merge",
    "round-detail": "round",
    "round-update": "round",
    "round-open": "round",
    "child-survey": "child",
    "survey-update": "survey",
    "need-update": "need",
    "visit-detail": "visit",
    "visit-update": "visit",
    "pairing-detail": "pairing",
    "pairing-end": "pairing",
    "carer-detail": "carer",
    "carer-update": "carer",
    "activity-detail": "activity",
    "activity-update": "activity",
    "activity-attendance": "activity",
    "activity-goods": "activity",
    "donation-detail": "donation",
    "donation-update": "donation",
    "job-detail": "job",
}
# Pages that are told by a parameter whose they are.
ASKED = {"visit-create": "child", "pairing-create": "child", "term-report": "division"}
ASKED |= {"paper-print": "class", "paper-file": "class"}  # of a class; a village's are not of the school


def address(page: str, at: dict) -> str:
    """Return the address of a page for the objects `at`."""
    kinds = OBJECTS.get(page, ())
    return reverse(page, args=[at[kind].code for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def patterns(resolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield where, entry.name
        elif where != "admin/":
            yield from patterns(entry, where)


def test_every_page_of_the_site_stands_in_the_table():
    named = {name for where, name in patterns(get_resolver()) if where != "admin/login/"}
    assert named == set(PAGES)


def test_every_role_has_its_column_and_the_stranger_too():
    assert set(ROLES) == {*Role, "anonymous"}


def test_every_page_has_its_rows():
    for page in PAGES:
        whose = ("own", "other") if page in OBJECTS | ASKED else ("-",)
        missing = {(page, method, who) for method in ("GET", "POST") for who in whose} - set(EXPECTED)
        assert not missing
    assert len(EXPECTED) == len(ROWS), "a row stands twice"


def someone(role: str):
    """Return an account of the role, posted where the "own" objects are."""
    match role:
        case Role.TEACHER:
            return f.teacher_of(f.school_class())
        case Role.HEAD:
            return f.head_of(f.school())
        case Role.VILLAGE:
            return f.admin_of(f.village())
        case Role.COORDINATOR:
            return f.coordinator_of(f.township())
        case Role.AUDITOR | Role.ADMIN:
            return f.posted(role, f.township())
    return f.user(role)  # a carer and a counsellor see by pairing and referral


def objects(user, child: Child, office, village) -> dict[str, object]:
    """Return one of each kind that belongs to `child` and is kept by `office`, written by `user`."""
    carer = f.carer(at=office, user=user if user.role == Role.CARER else None)
    Referral.objects.create(child=child, counsellor=user if user.role == Role.COUNSELLOR else f.user("counsellor"))
    sent = {"file_name": "x", "file_hash": "x", "reported_on": f.today(), "status": "preview"}
    batch = ImportBatch.objects.create(by=user, term=f.term(), **sent)
    survey = f.survey(child, user)
    f.absence(child)
    f.with_photo(child), f.entrustment(child)
    batch = ImportBatch.objects.create(by=user, term=f.term(), file_name="x", file_hash="x", reported_on=f.today())
    twin = f.child(child.name, living_in=child.village, school_class=child.school_class)
    compared = f.comparison_row(child, of=office, by=user)
    return {
        "comparison": compared.comparison,
        "comparison_row": compared,
        "child": child,
        "twin": twin,
        "merge": Merge.objects.create(kept=child, gone=twin, by=user),
        "visit": f.visit(child, user),
        "carer": carer,
        "pairing": Pairing.objects.create(child=child, carer=carer, seat=1, started_on=f.today()),
        "activity": f.activity(at=office),
        "donation": f.donation(at=office),
        "batch": batch,
        "transfer": f.transfer(child, to=f.division(f"{child.village_id[:9]}299", "新桥村"), by=user),
        "round": f.census_round(f.division(village.code[:9] + "000", ""), user),
        "survey": survey,
        "need": f.need(survey),
        "job": f.job(user),
        "sent": f.sent_sheet(user),
        "division": village,
        **papers_of(child.school_class),
    }


def papers_of(school_class) -> dict[str, SimpleNamespace]:
    """Return a class as the addresses of papers name it, and a paper and a file about it."""
    named = {"class": school_class.key, "paper": "files", "paper_file": "situation.xlsx"}
    return {kind: SimpleNamespace(code=code) for kind, code in named.items()}


def scene(role: str):
    """Return the user (None before sign-in) and the objects that are theirs and another office's."""
    user = someone(role if role != "anonymous" else Role.HEAD)
    office = f.village() if role in {Role.VILLAGE, Role.COORDINATOR} else f.school()
    own = objects(user, f.child(school_class=f.school_class()), office, f.village())
    far = f.child("赵小兰", living_in=f.far_village(), school_class=f.school_class(f.other_school()))
    at = f.far_village() if role in {Role.VILLAGE, Role.COORDINATOR} else f.other_school()
    other = objects(f.posted(Role.HEAD, f.other_school()), far, at, f.far_village())
    return (None if role == "anonymous" else user), {"own": own, "other": other, "-": own}


def status(client: Client, user, page: str, method: str, at: dict) -> str:
    """Return what the page answers; a redirect to the sign-in page is "login"."""
    if user:
        client.force_login(user)
    data = {"field": "id_number"} if page == "child-unmask" else {}
    if page in ASKED:
        kind = ASKED[page]
        data = {kind: at[kind].code, "term": "2026-autumn"}
    url = address(page, at)
    response = getattr(client, method.lower())(url, data)
    location = response.headers.get("Location", "")
    return "login" if location.startswith("/login/") and page != "logout" else str(response.status_code)


@pytest.mark.parametrize("role", ROLES)
def test_each_page_answers_a_role_as_the_table_says(role):
    user, kept = scene(role)
    client = Client()
    found = {row: status(client, user, row[0], row[1], kept[row[2]]) for row in EXPECTED}
    wrong = {row: (answer, EXPECTED[row][role]) for row, answer in found.items() if answer != EXPECTED[row][role]}
    assert not wrong, "page: (answer, table)"


def test_nothing_of_another_office_was_changed_by_any_post():
    """What is refused is also not done: the far child's records are as they were."""
    user, kept = scene(Role.COORDINATOR)
    other = {kind: thing for kind, thing in kept["other"].items() if hasattr(thing, "version") and kind != "batch"}
    client = Client()
    for page, method, whose in EXPECTED:
        if method == "POST" and whose == "other":
            status(client, user, page, method, kept[whose])
    for thing in other.values():
        before = thing.version
        thing.refresh_from_db()
        assert thing.version == before
    assert Carer.objects.count() == 2 and Pairing.objects.count() == 2
