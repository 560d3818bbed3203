"""Family relation by GB/T 4761-2008: what a person is to the child."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .text import words


class Relation(TextChoices):
    """The two-digit code of the standard."""

    SELF = "01", _("Self")
    HEAD_OF_HOUSEHOLD = "02", _("Head of household")
    SPOUSE = "10", _("Spouse")
    HUSBAND = "11", _("Husband")
    WIFE = "12", _("Wife")
    SON = "20", _("Son")
    ONLY_SON = "21", _("Only son")
    FIRST_SON = "22", _("Eldest son")
    SECOND_SON = "23", _("Second son")
    THIRD_SON = "24", _("Third son")
    FOURTH_SON = "25", _("Fourth son")
    FIFTH_SON = "26", _("Fifth son")
    ADOPTED_SON = "27", _("Adopted son or stepson")
    SON_IN_LAW = "28", _("Son-in-law")
    OTHER_SON = "29", _("Other son")
    DAUGHTER = "30", _("Daughter")
    ONLY_DAUGHTER = "31", _("Only daughter")
    FIRST_DAUGHTER = "32", _("Eldest daughter")
    SECOND_DAUGHTER = "33", _("Second daughter")
    THIRD_DAUGHTER = "34", _("Third daughter")
    FOURTH_DAUGHTER = "35", _("Fourth daughter")
    FIFTH_DAUGHTER = "36", _("Fifth daughter")
    ADOPTED_DAUGHTER = "37", _("Adopted daughter or stepdaughter")
    DAUGHTER_IN_LAW = "38", _("Daughter-in-law")
    OTHER_DAUGHTER = "39", _("Other daughter")
    GRANDCHILD = "40", _("Grandchild")
    SONS_SON = "41", _("Son's son")
    SONS_DAUGHTER = "42", _("Son's daughter")
    DAUGHTERS_SON = "43", _("Daughter's son")
    DAUGHTERS_DAUGHTER = "44", _("Daughter's daughter")
    GRANDSONS_WIFE = "45", _("Grandson's wife")
    GRANDDAUGHTERS_HUSBAND = "46", _("Granddaughter's husband")
    GREAT_GRANDSON = "47", _("Great-grandson")
    GREAT_GRANDDAUGHTER = "48", _("Great-granddaughter")
    OTHER_GRANDCHILD = "49", _("Other grandchild")
    PARENT = "50", _("Parent")
    FATHER = "51", _("Father")
    MOTHER = "52", _("Mother")
    HUSBANDS_FATHER = "53", _("Husband's father")
    HUSBANDS_MOTHER = "54", _("Husband's mother")
    WIFES_FATHER = "55", _("Wife's father")
    WIFES_MOTHER = "56", _("Wife's mother")
    STEPFATHER = "57", _("Stepfather or adoptive father")
    STEPMOTHER = "58", _("Stepmother or adoptive mother")
    OTHER_PARENT = "59", _("Other parental relation")
    GRANDPARENT = "60", _("Grandparent")
    PATERNAL_GRANDFATHER = "61", _("Paternal grandfather")
    PATERNAL_GRANDMOTHER = "62", _("Paternal grandmother")
    MATERNAL_GRANDFATHER = "63", _("Maternal grandfather")
    MATERNAL_GRANDMOTHER = "64", _("Maternal grandmother")
    SPOUSES_GRANDPARENT = "65", _("Spouse's grandparent")
    GREAT_GRANDFATHER = "66", _("Great-grandfather")
    GREAT_GRANDMOTHER = "67", _("Great-grandmother")
    SPOUSES_GREAT_GRANDPARENT = "68", _("Spouse's great-grandparent")
    OTHER_GRANDPARENT = "69", _("Other relation of the grandparents' generation")
    SIBLING = "70", _("Brother or sister")
    ELDER_BROTHER = "71", _("Elder brother")
    ELDER_BROTHERS_WIFE = "72", _("Elder brother's wife")
    YOUNGER_BROTHER = "73", _("Younger brother")
    YOUNGER_BROTHERS_WIFE = "74", _("Younger brother's wife")
    ELDER_SISTER = "75", _("Elder sister")
    ELDER_SISTERS_HUSBAND = "76", _("Elder sister's husband")
    YOUNGER_SISTER = "77", _("Younger sister")
    YOUNGER_SISTERS_HUSBAND = "78", _("Younger sister's husband")
    OTHER_SIBLING = "79", _("Other brother or sister")
    OTHER = "80", _("Other relation")
    FATHERS_ELDER_BROTHER = "81", _("Father's elder brother")
    FATHERS_ELDER_BROTHERS_WIFE = "82", _("Wife of father's elder brother")
    FATHERS_YOUNGER_BROTHER = "83", _("Father's younger brother")
    FATHERS_YOUNGER_BROTHERS_WIFE = "84", _("Wife of father's younger brother")
    MOTHERS_BROTHER = "85", _("Mother's brother")
    MOTHERS_BROTHERS_WIFE = "86", _("Wife of mother's brother")
    MOTHERS_SISTERS_HUSBAND = "87", _("Husband of mother's sister")
    MOTHERS_SISTER = "88", _("Mother's sister")
    FATHERS_SISTERS_HUSBAND = "89", _("Husband of father's sister")
    FATHERS_SISTER = "90", _("Father's sister")
    PATERNAL_COUSIN = "91", _("Paternal cousin")
    OTHER_COUSIN = "92", _("Other cousin")
    BROTHERS_SON = "93", _("Brother's son")
    BROTHERS_DAUGHTER = "94", _("Brother's daughter")
    SISTERS_SON = "95", _("Sister's son")
    SISTERS_DAUGHTER = "96", _("Sister's daughter")
    OTHER_RELATIVE = "97", _("Other relative")
    NOT_RELATED = "99", _("Not related")


# What a form offers first for the family of a child and for its guardian, and what it offers last.
USUAL = tuple(map(Relation, words("51 52 61 62 63 64 57 58 71 75 73 77 81 83 90 85 88 99")))
OF_ADULTS = frozenset(Relation(code) for code in Relation.values if code < "50") | frozenset(
    map(Relation, words("53 54 55 56 65 68"))
)


def relation_choices(blank: tuple[str, str]) -> list[tuple]:
    """Return the choices of a form: the usual relations first, those that no child can have last."""
    rest = [relation for relation in Relation if relation not in USUAL]
    more = [(relation.value, relation.label) for relation in rest if relation not in OF_ADULTS]
    unlikely = [(relation.value, relation.label) for relation in rest if relation in OF_ADULTS]
    usual = [(relation.value, relation.label) for relation in USUAL]
    return [blank, *usual, (_("More relations"), more), (_("Not of a child"), unlikely)]


PARENTS = frozenset({Relation.FATHER, Relation.MOTHER})
STEP_PARENTS = frozenset({Relation.STEPFATHER, Relation.STEPMOTHER})
GRANDPARENTS = frozenset(map(Relation, ("61", "62", "63", "64")))  # column 26 of the statistics table
RELATIVES = frozenset(Relation(code) for code in Relation.values if "70" <= code <= "97" and code != "80")
NOT_RELATED = frozenset({Relation.NOT_RELATED})  # friends and neighbours, column 27
# 孙女 beside a guardian says what the child is to the guardian.
DESCENDANTS = frozenset(Relation(code) for code in Relation.values if "20" <= code <= "49")
