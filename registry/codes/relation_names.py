"""The Chinese words for a relation to the child: those of GB/T 4761-2008, and colloquial ones."""

from django.utils.translation import gettext as _

from .parsing import parse_choice
from .relation import Relation
from .text import Cell, InvalidCell, code_text, words

# The standard prints a bare 其他 under each group; here the group is named, so that each name means one code.
PRINTED = """
01本人 02户主 10配偶 11夫 12妻
20子 21独生子 22长子 23次子 24三子 25四子 26五子 27养子或继子 28女婿 29其他儿子
30女 31独生女 32长女 33次女 34三女 35四女 36五女 37养女或继女 38儿媳 39其他女儿
40孙子女 41孙子 42孙女 43外孙子 44外孙女 45孙媳妇或外孙媳妇 46孙女婿或外孙女婿
47曾孙子或外曾孙子 48曾孙女或外曾孙女 49其他孙子女
50父母 51父亲 52母亲 53公公 54婆婆 55岳父 56岳母 57继父或养父 58继母或养母 59其他父母关系
60祖父母或外祖父母 61祖父 62祖母 63外祖父 64外祖母 65配偶的祖父母或外祖父母
66曾祖父 67曾祖母 68配偶的曾祖父母或外曾祖父母 69其他祖父母关系
70兄弟姐妹 71兄 72嫂 73弟 74弟媳 75姐姐 76姐夫 77妹妹 78妹夫 79其他兄弟姐妹
80其他 81伯父 82伯母 83叔父 84婶母 85舅父 86舅母 87姨父 88姨母 89姑父 90姑母
91堂兄弟姐妹 92表兄弟姐妹 93侄子 94侄女 95外甥 96外甥女 97其他亲属 99非亲属
"""
COLLOQUIAL = {
    "20": "儿子",
    "30": "女儿",
    "40": "孙子女等",
    "43": "外孙",
    "50": "双亲",
    "51": "父 爸爸 爸 爹 父子 父女 生父",
    "52": "母 妈妈 妈 娘 母子 母女 生母",
    "57": "继父 养父 后爸 后爹",
    "58": "继母 养母 后妈 后娘",
    "60": "祖父母 外祖父母 祖父或祖母 外祖父或外祖母 爷爷奶奶 外公外婆 姥姥姥爷 祖孙 外祖孙 隔代 祖辈",
    "61": "爷爷 爷",
    "62": "奶奶 奶",
    "63": "外公 姥爷 外爷",
    "64": "外婆 姥姥 姥娘",
    "66": "太爷爷 老太爷",
    "67": "太奶奶",
    "70": "兄妹 姐弟 兄弟 姐妹 兄弟或姐妹",
    "71": "哥哥 哥 兄长",
    "72": "嫂子 嫂嫂",
    "73": "弟弟",
    "74": "弟妹 弟妇",
    "75": "姐",
    "77": "妹",
    "80": "其它 其他关系",
    "81": "伯伯 大伯 伯 大伯父",
    "82": "大妈 伯娘 大伯母",
    "83": "叔叔 叔 小叔",
    "84": "婶婶 婶 婶子 婶娘",
    "85": "舅舅 舅",
    "86": "舅妈 舅娘 妗子",
    "87": "姨夫 姨丈",
    "88": "姨妈 姨 姨娘 小姨 大姨",
    "89": "姑夫 姑丈",
    "90": "姑姑 姑妈 姑 小姑 大姑",
    "91": "堂兄 堂哥 堂弟 堂姐 堂妹",
    "92": "表兄 表哥 表弟 表姐 表妹",
    "93": "侄儿",
    "97": "亲属 亲戚 其他亲戚 远亲 其它亲属",
    "99": "邻居 朋友 父母朋友 老师 教师 班主任 村干部 保姆 无亲属关系 非亲戚 村民",
}
# In half of the country these are the grandparents; in the standard, the parents of a husband.
AMBIGUOUS = frozenset(words("公公 婆婆 阿公 阿婆 家公 家婆 公 婆"))
RELATION_NAMES = {entry[2:]: Relation(entry[:2]) for entry in PRINTED.split()}  # the Chinese name as printed → code
KNOWN = (
    RELATION_NAMES
    | {word: Relation(code) for code, words in COLLOQUIAL.items() for word in words.split()}
    | {code: Relation(code) for code in Relation.values}
)


def parse_relation(value: Cell) -> Relation | None:
    """What a person is to the child, from 祖母, 奶奶 or 62; None when blank, InvalidCell for anything else."""
    text = code_text(value)
    if text in AMBIGUOUS:
        raise InvalidCell(
            _("“%(text)s” differs from place to place. Write 祖父, 祖母, 外祖父 or 外祖母.") % {"text": text}
        )
    return parse_choice(text, KNOWN)
