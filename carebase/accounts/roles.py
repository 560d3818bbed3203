"""What each role may do: one table of Django permission names, which views, templates and the admin all ask.

Which rows a user sees is the other question, answered by `visible_to` in registry/querysets.py.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    TEACHER = "teacher", _("class teacher")
    HEAD = "head", _("school head")
    CARER = "carer", _("carer")
    VILLAGE = "village", _("village committee admin")
    COORDINATOR = "coordinator", _("coordinator")
    COUNSELLOR = "counsellor", _("counsellor")
    AUDITOR = "auditor", _("auditor")
    ADMIN = "admin", _("system administrator")


def may(**models_to_actions: str) -> frozenset[str]:
    """Return Django permission names of `app_model="view add …"`: `registry_child="view"` is `registry.view_child`."""
    return frozenset(
        f"{app}.{action}_{model}"
        for name, actions in models_to_actions.items()
        for app, model in [name.split("_", 1)]
        for action in actions.split()
    )


# Who goes to the children and writes down what was found, and sees to what they need.
SURVEYS = {
    "registry_round": "view",
    "registry_survey": "view add change",
    "registry_need": "view change",
}

# Where the village's file of a child is kept by hand, these are its parts.
FILE = {
    "registry_relative": "view add change",
    "registry_absence": "view add change",
    "registry_guardianship": "view add change",
    "registry_categorymembership": "view add change",
}

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.TEACHER: may(
        registry_child="view add change unmask print",
        registry_photo="view change",
        visits_visit="view add change",
        pairing_pairing="view",
        activities_activity="view add change",
        **FILE,
        **SURVEYS,
    ),
    Role.HEAD: may(
        registry_child="view add change unmask import enrol merge close print",
        registry_photo="view change",
        registry_schoolclass="view add change",
        registry_comparison="view add change",
        registry_transfer="view add change",
        visits_visit="view add change",
        pairing_carer="view add change",
        pairing_pairing="view add change",
        activities_activity="view add change",
        activities_donation="view add change",
        reports_term="view",
        **FILE,
        **SURVEYS,
    ),
    Role.CARER: may(
        registry_child="view",
        registry_photo="view",
        visits_visit="view add change",
        pairing_pairing="view",
    ),
    Role.VILLAGE: may(
        registry_child="view add change unmask import merge close print",
        registry_comparison="view add change",
        registry_transfer="view add change",
        registry_photo="view change",
        visits_visit="view add change",
        pairing_carer="view add change",
        pairing_pairing="view add change",
        activities_activity="view add change",
        activities_goods="view add change delete",
        activities_attendance="view add change delete",
        activities_donation="view add change",
        **FILE,
        **SURVEYS,
    ),
    Role.COORDINATOR: may(
        registry_child="view add change unmask import enrol merge close print",
        registry_photo="view",
        registry_division="view change",
        registry_school="view add change",
        registry_schoolclass="view add change",
        registry_term="view",
        registry_posting="view add change approve",
        registry_definition="view add change",
        accounts_user="view add change",
        registry_comparison="view add change",
        registry_transfer="view add change",
        visits_visit="view add",
        pairing_carer="view add change",
        pairing_pairing="view add change",
        activities_activity="view add change",
        activities_goods="view add change delete",
        activities_attendance="view add change delete",
        activities_donation="view add change",
        reports_term="view export",
        registry_round="view add change",
        registry_survey="view",
        registry_need="view change",
        **FILE,
    ),
    Role.COUNSELLOR: may(
        registry_child="view",
        registry_referral="view",
        registry_survey="view",
        visits_visit="view add change",
    ),
    Role.AUDITOR: may(audit_event="view", reports_term="view"),
    Role.ADMIN: may(
        accounts_user="view add change",
        registry_division="view add change",
        registry_school="view add change",
        registry_schoolclass="view add change",
        registry_term="view add change",
        registry_posting="view add change approve",
        registry_definition="view add change",
    ),
}

# Django admin is the desk of village committees; coordinators and administrators keep places and accounts there.
ADMIN_SITE = frozenset({Role.VILLAGE, Role.COORDINATOR, Role.ADMIN})
