"""The verdict on one child, with sentences that name the dated facts."""

from datetime import date
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.codes.grades import age, birthday_in
from registry.codes.relation import Relation
from registry.leftbehind.facts import ChildFacts, ParentFacts, is_ongoing, may_count, surely_counts
from registry.leftbehind.rule import FOR_WORK, ONE_PARENT, PARENTS, TriState, evaluate_criteria, find_absent
from registry.models import Absence, Child, Definition

YES, NO, UNKNOWN = "yes", "no", "unknown"


class Verdict(NamedTuple):
    """YES, NO or UNKNOWN, and why: complete sentences in the reader's language."""

    answer: str
    reasons: list[str]


def reach_verdict(facts: ChildFacts, definition: Definition, on: date) -> Verdict:
    """Return whether a child with these facts counts by `definition` on the day `on`, and why."""
    answers = {name: to_answer(state) for name, state in evaluate_criteria(facts, definition, on).items()}
    answer = next((each for each in (NO, UNKNOWN) if each in answers.values()), YES)
    sentences = VerdictReasons(facts, definition, on)
    reasons = [words for name in answers if answers[name] == answer for words in getattr(sentences, name)(answer)]
    return Verdict(answer, [capfirst(words) for words in reasons])


def to_answer(state: TriState) -> str:
    return YES if state.yes else NO if state.no else UNKNOWN


class VerdictReasons:
    """The sentences for each criterion, in a method of its name."""

    def __init__(self, facts: ChildFacts, definition: Definition, on: date):
        self.facts, self.definition, self.on = facts, definition, on
        self.start = definition.latest_start(on)

    def place(self, answer: str) -> list[str]:
        where = {"place": self.definition.division}
        if answer == YES:
            return [_("the child lives in %(place)s") % where]
        return [_("the child does not live in %(place)s, where this definition is in force") % where]

    def age(self, answer: str) -> list[str]:
        birth, limit = self.facts.birth_date, self.definition.below_age
        if birth > self.on:
            return [_("the child was not born yet")]
        words = {"limit": limit, "day": birthday_in(birth, birth.year + limit), "age": age(birth, self.on)}
        return [
            (_("is %(age)s, turns %(limit)s on %(day)s") if answer == YES else _("turned %(limit)s on %(day)s")) % words
        ]

    def hukou(self, answer: str) -> list[str]:
        return [
            {
                YES: _("the household registration is rural"),
                NO: _("the household registration is not rural"),
                UNKNOWN: _("whether the household registration is rural is not recorded"),
            }[answer]
        ]

    def pupil(self, answer: str) -> list[str]:
        if answer == UNKNOWN:
            return [_("the schooling is not recorded")]
        words = {"schooling": Child.Schooling(self.facts.schooling).label}
        if answer == YES:
            return [_("is a pupil of compulsory education: %(schooling)s") % words]
        return [_("is not a pupil of compulsory education: %(schooling)s") % words]

    def parents(self, answer: str) -> list[str]:
        father, mother, _one = find_absent(self.facts, self.definition, self.on, self.start)
        away = dict(zip(PARENTS, (father, mother), strict=True))
        both = father.yes and mother.yes
        sentences = [self.both_away()] if both else self.one_away()
        for relation, other in (PARENTS, PARENTS[::-1]):
            sentences += self.parent_sentences(relation, both=both)
            if self.definition.parents == Definition.Parents.UNABLE and not away[relation].yes and not away[other].no:
                sentences += self.ability(relation)
        return sentences

    def both_away(self) -> str:
        since = max(self.relevant_absence(self.facts.parents[relation]).since for relation in PARENTS)
        words = {"day": since, "days": (self.on - since).days}
        if self.definition.cross_county:
            return _("both parents away since %(day)s, %(days)s days, in another county") % words
        return _("both parents away since %(day)s, %(days)s days") % words

    def one_away(self) -> list[str]:
        """Return the sentences about one parent who is away while it is not said which."""
        row = self.relevant_absence(self.facts.parents[ONE_PARENT])
        if row is None:
            return []
        words = {"parent": parent_name(ONE_PARENT), "day": row.since}
        return [
            _("one parent is away, recorded on %(day)s; which one is not known") % words,
            *self.shortcomings(row, words),
        ]

    def relevant_absence(self, parent: ParentFacts) -> Absence | None:
        """Return the longest absence that counts, or else that may count, or else any on that day."""
        args = (self.definition, self.on, self.start)
        for counts in (surely_counts, may_count):
            if rows := [row for row in parent.absences if counts(row, *args)]:
                return min(rows, key=lambda row: row.since)
        lasting = [row for row in parent.absences if is_ongoing(row, self.on) and row.since <= self.on]
        return min(lasting, key=lambda row: row.since, default=None)

    def parent_sentences(self, relation: str, *, both: bool) -> list[str]:
        """Return the sentences about one parent; with `both`, one says already that both are away."""
        parent, who = self.facts.parents[relation], {"parent": parent_name(relation)}
        if parent.dead:
            return [_("the %(parent)s has died") % who]
        row = self.relevant_absence(parent)
        if row is None:
            return [self.at_home(parent, who)]
        words = who | {"day": row.since, "days": (self.on - row.since).days}
        if row.since > self.on:
            return [_("the %(parent)s is away, recorded on %(day)s; the start is not known") % words]
        sentences = []
        if row.left_on is None:
            sentences = [
                _("the %(parent)s is away, the start is not known; counted from the record on %(day)s: %(days)s days")
                % words
            ]
        elif not both:
            sentences = [_("the %(parent)s is away since %(day)s, %(days)s days") % words]
        return sentences + self.shortcomings(row, words) + self.home_stays(row, words)

    def at_home(self, parent: ParentFacts, who: dict) -> str:
        returns = [row.returned_on for row in parent.absences if row.returned_on and row.returned_on <= self.on]
        if returns:
            return _("the %(parent)s came back on %(day)s") % (who | {"day": max(returns)})
        if parent.absences:
            return _("no absence of the %(parent)s on that day is recorded") % who
        if parent.known(self.on):
            return _("the %(parent)s is at home, recorded on %(day)s") % (who | {"day": parent.at_home_on})
        return _("nothing is recorded about where the %(parent)s is") % who

    def shortcomings(self, row: Absence, words: dict) -> list[str]:
        """Return why an absence does not count, or perhaps not."""
        sentences = []
        if row.since > self.start:
            needed = words | {"months": self.definition.months, "needed": self.definition.days}
            sentence = _("%(months)s months are needed") if self.definition.months else _("%(needed)s days are needed")
            sentences.append(sentence % needed)
        if self.definition.for_work and row.reason not in FOR_WORK:
            sentences.append(_("the %(parent)s is not away for work or business") % words)
        if self.definition.cross_county and row.cross_county is None:
            sentences.append(_("whether the %(parent)s is in another county is not recorded") % words)
        if self.definition.cross_county and row.cross_county is False:
            sentences.append(_("the %(parent)s is not in another county") % words)
        return sentences

    def home_stays(self, row: Absence, words: dict) -> list[str]:
        if row.pk is None:
            return []
        visits = [stay.came_on for stay in row.home_stays.all() if stay.came_on <= self.on]
        if not visits:
            return []
        return [
            _("the %(parent)s visited home on %(day)s, which does not break the absence")
            % (words | {"day": max(visits)})
        ]

    def ability(self, relation: str) -> list[str]:
        parent, who = self.facts.parents[relation], {"parent": parent_name(relation)}
        if parent.dead:
            return []
        return [
            {
                True: _("the %(parent)s is able to act as guardian"),
                False: _("the %(parent)s is not able to act as guardian"),
                None: _("whether the %(parent)s is able to act as guardian is not recorded"),
            }[parent.able]
            % who
        ]


def parent_name(relation: str) -> str:
    names = {Relation.FATHER: _("father"), Relation.MOTHER: _("mother"), ONE_PARENT: _("one parent")}
    return names[Relation(relation)]
