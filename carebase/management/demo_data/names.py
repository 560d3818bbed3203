"""Names, phone numbers and ID numbers of people who do not exist."""

import datetime as dt
import random

from registry.codes.id_number import build_id_number
from registry.codes.sex import Sex
from registry.codes.text import words

SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡单覃向田解仇"
BOYS = words("伟 强 磊 军 洋 勇 杰 涛 超 明 刚 平 辉 鹏 华") + words(
    "飞 鑫 波 斌 宇 浩然 子轩 志远 文博 俊杰 家豪 天佑 建国 一鸣 小龙"
)
GIRLS = words("芳 娜 敏 静 丽 艳 娟 霞 秀英 桂兰 婷 玲 燕 倩 雪") + words(
    "梅 莉 萍 红 颖 欣怡 子涵 雨桐 梦瑶 思琪 佳慧 诗雨 晓燕 春兰 小慧"
)
COUNTY = "990000"  # assigned to no county, so that an invented number belongs to nobody
ROSTER_SEQUENCE = 6
# No child of the sample workbooks has these sequences, so that they can be imported into any demonstration.
FREE_SEQUENCES = [
    *range(8, 20), *range(352, 366), *range(572, 586), *range(734, 748), *range(808, 824), *range(826, 838),
    *range(888, 900), *range(906, 916), *range(988, 1000),
]  # fmt: skip


def random_name(rng: random.Random, sex: str, surname: str = "") -> str:
    return (surname or rng.choice(SURNAMES)) + rng.choice(BOYS if sex == Sex.MALE else GIRLS)


def surname_of(name: str) -> str:
    """Return the family name, or "" for a minority name, whose parts are not one."""
    return "" if "·" in name else name[0]


def random_phone(rng: random.Random) -> str:
    """Return a mobile number that no operator assigns."""
    return f"1{rng.choice('35789')}{rng.choice('0789')}0000{rng.randrange(10_000):04}"


def roster_id_number(birth: dt.date, sex: str) -> str:
    return build_id_number(COUNTY, birth, ROSTER_SEQUENCE + (sex == Sex.MALE))


def adult_id_number(rng: random.Random, birth: dt.date, sex: str) -> str:
    return build_id_number(COUNTY, birth, rng.randrange(0, 1000, 2) + (sex == Sex.MALE))


def numbered_id(birth: dt.date, sex: str, nth: int) -> str:
    """Return the ID number of the `nth` child (from 0) of this sex and birthday, below `max_children_a_day()`."""
    return build_id_number(COUNTY, birth, FREE_SEQUENCES[2 * nth] + (sex == Sex.MALE))


def max_children_a_day() -> int:
    """Return how many children of one sex may share a birthday."""
    return len(FREE_SEQUENCES) // 2
