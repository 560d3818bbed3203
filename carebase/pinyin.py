"""Search keys of a name: 张小明 is found by zhangxiaoming, zxm, and by every reading of a surname that has two."""

import os
import re
import unicodedata
from functools import lru_cache
from itertools import islice, product

# Names are not phrases: without the phrase table the library takes a quarter of the memory and reads names no worse.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")

from django.db import models  # noqa: E402
from django.db.models import Q  # noqa: E402
from pypinyin.pinyin_dict import pinyin_dict  # noqa: E402 (the environment must be set first)

MAX_FULL, MAX_INITIALS = 200, 60  # the lengths of the columns; a reading that no longer fits is left out
MAX_READINGS = 8
# The reading as a surname first; the common reading stays searchable, for many people type it.
SURNAMES = """
单shan/dan 曾zeng/ceng 解xie/jie 仇qiu/chou 区ou/qu 查zha/cha 朴piao/pu 翟zhai/di 盖ge/gai 乐yue/le 覃qin/tan
缪miao/mou 员yun/yuan 尉wei/yu 种chong/zhong 秘bi/mi 折she/zhe 黑he/hei 繁po/fan 召shao/zhao 么yao/me 谌chen/shen
郇xun/huan 郗xi/chi 隗wei/kui 贾jia/gu 牟mou/mu 都du/dou 祭zhai/ji 句gou/ju 褚chu/zhu 卜bu 藏zang/cang 洗xian/xi
柏bai/bo 盛sheng/cheng 长chang/zhang 重chong/zhong 行xing/hang 朝chao/zhao 费fei/bi 薄bo/bao 能nai/neng 笮ze/zuo
"""
COMPOUND_SURNAMES = """
欧阳ou-yang 尉迟yu-chi 长孙zhang-sun 万俟mo-qi 单于chan-yu 澹台tan-tai 令狐ling-hu 乐正yue-zheng 鲜于xian-yu
亓官qi-guan 宰父zai-fu 拓跋tuo-ba 呼延hu-yan 赫连he-lian 皇甫huang-fu 诸葛zhu-ge 夏侯xia-hou 司马si-ma 上官shang-guan
公孙gong-sun 宇文yu-wen 慕容mu-rong 闾丘lv-qiu 淳于chun-yu 太叔tai-shu 申屠shen-tu 濮阳pu-yang 钟离zhong-li
"""
# Inside a given name either reading is in use, and only the family knows which.
GIVEN = """
乐le/yue 行xing/hang 重zhong/chong 长chang/zhang 朝chao/zhao 茜qian/xi 莘xin/shen 晟sheng/cheng 柏bai/bo 盛sheng/cheng
传chuan/zhuan 觉jue/jiao 曾zeng/ceng 解jie/xie 单dan/shan 朴pu/piao 藏cang/zang 降jiang/xiang 率shuai/lv
"""
SURNAME_READINGS = {entry[0]: tuple(entry[1:].split("/")) for entry in SURNAMES.split()}
COMPOUND_READINGS = {entry[:2]: tuple(entry[2:].split("-")) for entry in COMPOUND_SURNAMES.split()}
GIVEN_READINGS = {entry[0]: tuple(entry[1:].split("/")) for entry in GIVEN.split()}
V_FOR_U = str.maketrans("üǖǘǚǜ", "vvvvv")
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PIECE = re.compile(f"[{HAN}]|[^{HAN}]+")
WORD = re.compile("[a-z0-9]+")


def name_keys(name: str) -> tuple[str, str]:
    """The full pinyin and the initials of a name, lower-case ASCII, each with its variants separated by spaces.

    Search both by prefix of each word. ü is written v and u: 吕 is lv and lu. Letters that are not Chinese stay."""
    readings = list(islice(product(*_syllables(name)), MAX_READINGS))
    fulls = dict.fromkeys("".join(reading) for reading in _with_plain_u(readings))
    initials = dict.fromkeys("".join(syllable[0] for syllable in reading) for reading in readings)
    return _fitting(fulls, MAX_FULL), _fitting(initials, MAX_INITIALS)


def _syllables(name: str) -> list[tuple[str, ...]]:
    """For each syllable or foreign word of the name its possible readings, the likeliest first."""
    found, given = _surname(name)
    for piece in PIECE.findall(given):
        readings = _readings(piece) if len(piece) == 1 else ()
        if readings:
            found.append(readings)
        else:
            found += [(word,) for word in WORD.findall(_ascii(piece).lower())]
    return found


def _surname(name: str) -> tuple[list[tuple[str, ...]], str]:
    """The readings of a surname that the tables know, and the rest of the name."""
    if name[:2] in COMPOUND_READINGS:
        proper = COMPOUND_READINGS[name[:2]]
        alone = (SURNAME_READINGS.get(name[0], ()), ())  # 单于明 may also be a person of the family 单
        return [
            tuple(dict.fromkeys((reading, *single, *_readings(character)[:1])))
            for reading, single, character in zip(proper, alone, name[:2], strict=True)
        ], name[2:]
    if name[:1] in SURNAME_READINGS:
        return [SURNAME_READINGS[name[0]]], name[1:]
    return [], name


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    """The readings of one Chinese character inside a name; () for one that the dictionary lacks."""
    if character in GIVEN_READINGS:
        return GIVEN_READINGS[character]
    # NFC turns a compatibility ideograph into the ordinary character, which the dictionary has.
    known = pinyin_dict.get(ord(character)) or pinyin_dict.get(ord(unicodedata.normalize("NFC", character)), "")
    first = _ascii(known.split(",")[0].translate(V_FOR_U))
    return (first,) if first else ()


def _with_plain_u(readings):
    """Each reading, and after all of them those whose v is written u."""
    yield from readings
    for reading in readings:
        plain = tuple(re.sub("^([ln])v", r"\1u", syllable) for syllable in reading)
        if plain != reading:
            yield plain


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _fitting(variants, limit: int) -> str:
    """As many variants as fit the column, the first one cut if it must be."""
    fitting = ""
    for variant in variants:
        longer = f"{fitting} {variant}".strip()
        if len(longer) > limit:
            return fitting or variant[:limit]
        fitting = longer
    return fitting


class SearchKeysField(models.CharField):
    """The pinyin and the initials of the field `name`, kept with every save, those in bulk too."""

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": MAX_FULL + MAX_INITIALS + 1, "editable": False, "default": ""} | kwargs)

    def pre_save(self, instance, add):
        setattr(instance, self.attname, keys := " ".join(name_keys(instance.name)))
        return keys


def named(word: str) -> Q:
    """Return the condition that `word`, as it is written or in pinyin, is part of a name that has its `search_keys`."""
    return Q(name__contains=word) | Q(search_keys__contains=word.lower()) if word.isascii() else Q(name__contains=word)
