"""Who may see to a child's need: those who see the child (registry/querysets.py) and whose role keeps tasks."""

from django.db.models import Q

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from registry.models import Child, Posting
from registry.places import ancestors


def may_own(child: Child):
    """Return the accounts that a task of `child` may be given to, as a queryset in order of their names.

    It is `Child.visible_to` asked the other way round: who sees this child, instead of whom this user sees.
    """
    posted = Posting.objects.in_force()
    above = posted.filter(division__in=[*ancestors(child.village_id), child.village_id])
    allowed = Q(role__in=[Role.VILLAGE, Role.COORDINATOR], pk__in=above.values("user"))
    accompanies = User.objects.filter(carer__pairings__child=child, carer__pairings__ended_on=None)
    allowed |= Q(role__in=[Role.TEACHER, Role.HEAD], pk__in=accompanies.values("pk"))
    if child.school_class_id:
        teaching = posted.filter(school_class=child.school_class_id)
        allowed |= Q(role=Role.TEACHER, pk__in=teaching.values("user"))
    if child.school_id:
        allowed |= Q(role=Role.HEAD, pk__in=posted.filter(school=child.school_id).values("user"))
    return User.objects.filter(allowed, is_active=True).order_by("name", "pk")


def named(user: User) -> str:
    """Return how one of them is offered: the name and, as there are namesakes, the role."""
    return f"{user.name} · {user.get_role_display()}"
