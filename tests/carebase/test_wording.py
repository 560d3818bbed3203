"""Our words in place of Django's own strings."""

import gettext as catalogues
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override

from carebase.accounts.roles import Role
from tests import factories as make

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


@pytest.mark.django_db
def test_the_scripts_of_the_admin_site_speak_our_words_too(login):
    client = login(make.user(Role.ADMIN))
    client.cookies.load({settings.LANGUAGE_COOKIE_NAME: "zh-hans"})
    script = client.get(reverse("admin:jsi18n")).content.decode()
    assert r"\u5df2\u9009%(sel)s\u9879" in script and r"\u4eca\u5929" in script, "ours, and Django's"


@pytest.mark.django_db
def test_the_menu_of_the_site_stands_on_every_page_of_the_admin_site(login):
    client = login(make.admin_of(make.village()))
    for page in ("admin:index", "admin:registry_child_changelist", "admin:registry_child_add"):
        html = client.get(reverse(page)).content.decode()
        menu = html.split('class="site-navigation"')[1].split("</nav>")[0]
        assert reverse("child-list") in menu and reverse("census-work") in menu
        assert f'href="{reverse("admin:index")}" class="active"' in menu
