"""Similarity of names: the same sound, the same look, or one wrong character.

Names are heard on the telephone and read from handwriting. 王小明 and 王晓鸣 sound the same, 张末 and 张未 look the
same, 刘海燕 and 刘海英 differ in one character but not in their initials.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from carebase.pinyin import name_keys

# Groups of characters that are confused in names, and traditional with simplified ones.
LOOK_ALIKE = """
晴睛 己已巳 末未 戊戌戍 辩辨辫 博搏 日曰 士土 天夭 干千于 王玉 人入 刀力 大太 木本 今令 免兔 鸟乌 折拆 拔拨 候侯 祟崇
冶治 准淮 炙灸 汨汩 晓哓 俊浚 钧均 柏伯 祎袆 萧箫 粟栗 茶荼 亨享 侍待 哀衷 暄喧 瑞端 瑶摇 琪淇 清请 杨扬 陈阵 波披 欣掀
贝见 睿叡 昊吴 妍研 淑椒 萍苹 汀订 宇字 宁宇 芸芝 昕听 旭旮 旻旼 垚尧 炎炏 萱宣 沅沆 泯氓 岚风
劉刘 張张 陳陈 楊杨 趙赵 黃黄 吳吴 孫孙 馬马 羅罗 鄭郑 謝谢 許许 鄧邓 馮冯 葉叶 蘇苏 盧卢 蔣蒋 賈贾 譚谭 範范 龍龙 萬万
鐘钟鍾 齊齐 閻阎閆闫 傅付 蕭萧肖 戴代 藍蓝 國国囯 華华 強强彊 偉伟 麗丽 龍竜 鳳凤 蘭兰 軍军 東东 紅红 鵬鹏 飛飞 輝辉煇
志誌 傑杰 寶宝寳 慶庆 榮荣 陽阳 雲云 愛爱 書书 貴贵 銀银 鳴鸣 峯峰 羣群 喆哲 堃坤 昇升 淩凌 靜静 穎颖 曉晓 瓊琼 蓮莲
藝艺 衛卫 學学 樂乐 夢梦 濤涛 遠远 鑫金 玥月 玲铃 婷停 娜那 燕雁
"""


@lru_cache(maxsize=1)
def look_alike_map() -> dict[str, str]:
    """Return for each character the one that represents all it is confused with, directly or through another."""
    first: dict[str, str] = {}
    for group in LOOK_ALIKE.split():
        known = {first[character] for character in group if character in first}
        chosen = min(known, default=group[0])
        for character, stands in list(first.items()):
            if stands in known:
                first[character] = chosen
        first.update(dict.fromkeys(group, chosen))
    return first


class NameKeys(NamedTuple):
    """What two names are compared by; `sounds` and `initials` hold every possible reading."""

    letters: str
    look: str
    sounds: frozenset[str]
    initials: frozenset[str]


@lru_cache(maxsize=20_000)
def comparison_keys(name: str) -> NameKeys:
    plain = unicodedata.normalize("NFKC", name).lower()
    letters = "".join(character for character in plain if character.isalnum())
    sounds, initials = name_keys(letters)
    look = "".join(look_alike_map().get(character, character) for character in letters)
    return NameKeys(letters, look, frozenset(sounds.split()), frozenset(initials.split()))


def similar_names(name: str, other: str) -> bool:
    one, two = comparison_keys(name), comparison_keys(other)
    if one.look == two.look or one.sounds & two.sounds:
        return True
    if not len(one.letters) == len(two.letters) == 3:
        return False
    differences = sum(letter != other for letter, other in zip(one.letters, two.letters, strict=True))
    return differences == 1 and bool(one.initials & two.initials)
