"""The table of roles: what each may do and whose files it reaches. Views, templates, the admin and row rules ask it.

`ROLES` is keyed by the stored value of a role. A new role is a value and an entry here; registry/access.py turns its
reach into rows, as for all roles.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    TEACHER = "teacher"
    HEAD = "head"
    CARER = "carer"
    VILLAGE = "village"
    COORDINATOR = "coordinator"
    COUNSELLOR = "counsellor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Reach(Enum):
    """Whose files a role opens; a role without a reach sees no child."""

    PLACES = "the children who live in the divisions of one's postings"
    SCHOOL = "the children of the schools of one's postings"
    CLASSES = "the children of the classes of one's postings"
    PAIRED = "the children whom one accompanies as their carer"
    REFERRED = "the children who were referred to one"


NOBODY: frozenset[Reach] = frozenset()


@dataclass(frozen=True, kw_only=True)
class RoleDefinition:
    """A role: its name and description for people, its reach and its Django permissions."""

    label: str | Promise
    description: str | Promise
    reach: frozenset[Reach] | set[Reach]
    permissions: frozenset[str]
    enters_admin_site: bool = False
    # Responsible for the schools and offices in its places too, not only for the people who live there.
    supervises: bool = False
    # Keeps the places, postings, accounts and definitions of the whole system.
    keeps_system: bool = False
    # Only those who keep the system may appoint to it: whoever else could would gain every right.
    reserved: bool = False

    def __post_init__(self):
        object.__setattr__(self, "reach", frozenset(map(Reach, self.reach)))  # or ValueError at start-up

    @property
    def reaches_places(self) -> bool:
        return Reach.PLACES in self.reach

    @property
    def reaches_school(self) -> bool:
        return Reach.SCHOOL in self.reach

    def reach_for(self, permission: str) -> frozenset[Reach]:
        """Return the kinds of reach through which the role may use a permission on a child."""
        if permission not in self.permissions:
            return NOBODY
        return frozenset(kind for kind in self.reach if permission in permissions_through(kind, self))

    @property
    def counsels(self) -> bool:
        """Return whether its contacts with children are counselling, of which nobody else reads a word."""
        return Reach.REFERRED in self.reach

    @property
    def keeps_one_place(self) -> bool:
        """Return whether its work is about one small place, whose lists are too short to need a search."""
        return self.reaches_places and not self.supervises

    @property
    def sees_many(self) -> bool:
        """Return whether it sees a whole school or division, where a list of the newest rows fills up quickly."""
        return self.reaches_school or self.supervises


# Whoever reaches a child as its carer or counsellor may do what that role may, and no more, whatever their own role is.
LIMITED_TO: dict[Reach, Role] = {Reach.PAIRED: Role.CARER, Reach.REFERRED: Role.COUNSELLOR}


def permissions_through(kind: Reach, definition: RoleDefinition) -> frozenset[str]:
    """Return the permissions that a kind of reach leaves to a role."""
    return ROLES[LIMITED_TO[kind]].permissions if kind in LIMITED_TO else definition.permissions


def permission_names(**models_to_actions: str) -> frozenset[str]:
    """Return Django permission names of `app_model="view add …"`: `registry_child="view"` is `registry.view_child`."""
    return frozenset(
        f"{app}.{action}_{model}"
        for name, actions in models_to_actions.items()
        for app, model in [name.split("_", 1)]
        for action in actions.split()
    )


# For roles that visit children for the survey and follow up on their needs.
SURVEY_PERMISSIONS = {
    "registry_round": "view",
    "registry_survey": "view add change",
    "registry_need": "view change",
}

# For roles that edit children's files: the parts of a file.
FILE_PERMISSIONS = {
    "registry_relative": "view add change",
    "registry_absence": "view add change",
    "registry_guardianship": "view add change",
    "registry_categorymembership": "view add change",
}

ROLES: dict[str, RoleDefinition] = {
    Role.TEACHER: RoleDefinition(
        label=_("class teacher"),
        description=_("Sees the children of their own classes and those paired with them; keeps files, logs visits."),
        reach={Reach.CLASSES, Reach.PAIRED},
        permissions=permission_names(
            registry_child="view add change unmask print",
            registry_photo="view change",
            registry_referral="view add change",
            visits_visit="view add change",
            pairing_pairing="view",
            activities_activity="view add change",
            **FILE_PERMISSIONS,
            **SURVEY_PERMISSIONS,
        ),
    ),
    Role.HEAD: RoleDefinition(
        label=_("school head"),
        description=_("Sees the children of the school; also imports, merges, transfers, pairing and activities."),
        reach={Reach.SCHOOL, Reach.PAIRED},
        permissions=permission_names(
            registry_child="view add change unmask import enrol merge close print",
            registry_photo="view change",
            registry_schoolclass="view add change",
            registry_comparison="view add change",
            registry_transfer="view add change",
            registry_referral="view add change",
            visits_visit="view add change",
            pairing_carer="view add change",
            pairing_pairing="view add change",
            activities_activity="view add change",
            activities_donation="view add change",
            reports_term="view",
            accounts_user="supervise",
            **FILE_PERMISSIONS,
            **SURVEY_PERMISSIONS,
        ),
    ),
    Role.CARER: RoleDefinition(
        label=_("carer"),
        description=_("Sees only the children paired with them, while posted to a place, and logs visits to them."),
        reach={Reach.PAIRED},
        permissions=permission_names(
            registry_child="view",
            registry_photo="view",
            visits_visit="view add change",
            pairing_pairing="view",
        ),
    ),
    Role.VILLAGE: RoleDefinition(
        label=_("village committee admin"),
        description=_("Sees the children who live in the village; keeps files, activities and donations."),
        reach={Reach.PLACES},
        enters_admin_site=True,
        permissions=permission_names(
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
            **FILE_PERMISSIONS,
            **SURVEY_PERMISSIONS,
        ),
    ),
    Role.COORDINATOR: RoleDefinition(
        label=_("coordinator"),
        description=_("Sees the children who live in the division; reports, plans, rounds, and the accounts below."),
        reach={Reach.PLACES},
        enters_admin_site=True,
        supervises=True,
        permissions=permission_names(
            registry_child="view add change unmask import enrol merge close print",
            registry_photo="view",
            registry_division="view change",
            registry_school="view add change",
            registry_schoolclass="view add change",
            registry_term="view",
            registry_posting="view add change approve",
            registry_definition="view add change",
            accounts_user="view add change supervise",
            registry_comparison="view add change",
            registry_transfer="view add change",
            registry_referral="view add change",
            visits_visit="view add",
            pairing_carer="view add change exceed",
            pairing_pairing="view add change",
            activities_activity="view add change",
            activities_goods="view add change delete",
            activities_attendance="view add change delete",
            activities_donation="view add change",
            reports_term="view export",
            registry_round="view add change",
            registry_survey="view",
            registry_need="view change",
            **FILE_PERMISSIONS,
        ),
    ),
    Role.COUNSELLOR: RoleDefinition(
        label=_("counsellor"),
        description=_("Sees only the children referred to them, while posted to a place."),
        reach={Reach.REFERRED},
        permissions=permission_names(
            registry_child="view",
            registry_referral="view",
            registry_survey="view",
            visits_visit="view add change",
        ),
    ),
    Role.AUDITOR: RoleDefinition(
        label=_("auditor"),
        description=_("Reads the audit trail and figures; opens no child's file and changes nothing."),
        reach=NOBODY,
        reserved=True,
        permissions=permission_names(audit_event="view", reports_term="view"),
    ),
    Role.ADMIN: RoleDefinition(
        label=_("system administrator"),
        description=_("Manages accounts, places, schools, terms and postings; opens no child's file."),
        reach=NOBODY,
        enters_admin_site=True,
        keeps_system=True,
        reserved=True,
        permissions=permission_names(
            accounts_user="view add change supervise",
            registry_division="view add change",
            registry_school="view add change",
            registry_schoolclass="view add change",
            registry_term="view add change",
            registry_posting="view add change approve",
            registry_definition="view add change",
        ),
    ),
}

if undefined := set(Role) - set(ROLES):
    raise ImproperlyConfigured(f"These roles have no definition: {', '.join(sorted(undefined))}.")


def role_choices() -> list[tuple[str, str | Promise]]:
    """Return the choices of `User.role`; a callable, so that a new role needs no migration."""
    return [(str(role), definition.label) for role, definition in ROLES.items()]


def roles_reaching(reach: Reach, permission: str) -> list[str]:
    """Return the roles that may use a permission on the children whom they reach in this way."""
    return [str(role) for role, definition in ROLES.items() if reach in definition.reach_for(permission)]


def roles_that_counsel() -> list[str]:
    return [str(role) for role, definition in ROLES.items() if definition.counsels]


def roles_with(permission: str) -> list[str]:
    return [str(role) for role, definition in ROLES.items() if permission in definition.permissions]
