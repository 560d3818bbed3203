"""Saving a survey with its tasks: one survey per child and term, also when two people save at the same time."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from registry.access import users_who_see
from registry.models import Child, Need, Survey
from registry.rounds.querysets import CHANGE_NEED


def possible_owners(child: Child):
    return users_who_see(child, permission=CHANGE_NEED)


def save_survey(*, survey: Survey, needs: Iterable[Need] = (), by) -> Survey:
    """Save `survey`, new or changed, and add `needs` as tasks.

    Raise ValidationError when the child is out of scope or its file closed, when it was surveyed this term already,
    and for an owner who does not see the child.
    """
    needs = list(needs)
    with acting_as(by), transaction.atomic():
        # The lock makes two surveys of one child wait for each other.
        child = Child.objects.lock_visible_to(by, survey.child_id, "registry.add_survey")
        if survey.pk is None:
            start_survey(survey, child, by)
        survey.save()
        save_needs(needs, survey, child)
    return survey


def start_survey(survey: Survey, child: Child, by) -> None:
    """Refuse a second survey of the term and one of a closed file; set the author."""
    if child.closed_on:
        raise ValidationError(_("The file is closed; the child needs no survey."))
    survey.visited_by = by
    if earlier := Survey.objects.filter(child=child, term=survey.term_id).select_related("visited_by").first():
        facts = {"name": earlier.visited_by.name, "day": earlier.visited_on}
        raise ValidationError(_("%(name)s already surveyed this child this term, on %(day)s.") % facts)


def save_needs(needs: list[Need], survey: Survey, child: Child) -> None:
    owners = {need.owner_id for need in needs}
    if possible_owners(child).filter(pk__in=owners).count() != len(owners):
        raise ValidationError(_("Assign the task to someone who can see this child."))
    for need in needs:
        need.survey, need.child = survey, child
        need.save()
