"""Our words in place of Django's own strings."""

import gettext as catalogues
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

WORDING = Path(settings.BASE_DIR) / "carebase/wording/zh_Hans/LC_MESSAGES/django.mo"
DJANGO = Path(django.__file__).parent


def messages(path: Path) -> dict:
    with path.open("rb") as file:
        return catalogues.GNUTranslations(file)._catalog


def of_django() -> set:
    folders = ("conf", "contrib/admin", "contrib/auth")
    return {key for folder in folders for key in messages(DJANGO / folder / "locale/zh_Hans/LC_MESSAGES/django.mo")}


def test_each_string_that_we_reword_is_one_of_django():
    assert set(messages(WORDING)) <= of_django()


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("This field is required.", "请填写这一项。"),
        ("Select %s to change", "%s"),
        ("View on site", "打开完整档案"),
        ("Your password can’t be entirely numeric.", "您的密码不能全都是数字。"),
    ],
)
def test_our_words_stand_before_those_of_django(english, chinese):
    with override("zh-hans"):
        assert gettext(english) == chinese
        refused = ngettext("Please correct the error below.", "Please correct the errors below.", 2)
    assert refused.startswith("还没有保存")


def test_nothing_that_we_reword_says_the_familiar_you():
    assert not [text for text in messages(WORDING).values() if "你" in text]
