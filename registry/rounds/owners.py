"""Who may see to a child's need: those who see the child (registry/querysets.py) and whose role keeps tasks."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat, Substr

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from registry.models import Child, Posting
from registry.places import LEVELS, ancestors


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


def owned() -> Q:
    """Return the condition on a task that its owner still sees the child: `may_own`, asked of many tasks at once."""
    posted = Posting.objects.in_force().filter(user=OuterRef("owner"))
    code = OuterRef("child__village")
    above = [Q(division=Concat(Substr(code, 1, length), Value("0" * (12 - length)))) for length in LEVELS]
    accompanies = User.objects.filter(pk=OuterRef("owner"), carer__pairings__child=OuterRef("child"))
    teaches = posted.filter(school_class=OuterRef("child__school_class"))
    sees = Q(Exists(posted.filter(reduce(or_, above))), owner__role__in=[Role.VILLAGE, Role.COORDINATOR])
    sees |= Q(Exists(accompanies.filter(carer__pairings__ended_on=None)), owner__role__in=[Role.TEACHER, Role.HEAD])
    sees |= Q(Exists(teaches), owner__role=Role.TEACHER)
    sees |= Q(Exists(posted.filter(school=OuterRef("child__school"))), owner__role=Role.HEAD)
    return sees & Q(owner__is_active=True)


def waiting_for(user, needs):
    """Return those of `needs` that wait for `user`: their own, and those that nobody sees to any more.

    A task stays with its child when that goes to another class, school or village, where its owner does not follow.
    """
    return needs.filter(Q(owner=user) | ~owned())


def named(user: User) -> str:
    """Return how one of them is offered: the name and, as there are namesakes, the role."""
    return f"{user.name} · {user.get_role_display()}"
