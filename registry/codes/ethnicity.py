"""Ethnicity by GB/T 3304-1991: 56 peoples with their codes, and 97 and 98."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from .parsing import parse_choice
from .text import Cell, code_text


class Ethnicity(TextChoices):
    """The stored code; its label is the romanised name, with a context for "Man" and "She"."""

    HAN = "01", pgettext_lazy("ethnicity", "Han")
    MONGOL = "02", pgettext_lazy("ethnicity", "Mongol")
    HUI = "03", pgettext_lazy("ethnicity", "Hui")
    ZANG = "04", pgettext_lazy("ethnicity", "Zang (Tibetan)")
    UYGUR = "05", pgettext_lazy("ethnicity", "Uygur")
    MIAO = "06", pgettext_lazy("ethnicity", "Miao")
    YI = "07", pgettext_lazy("ethnicity", "Yi")
    ZHUANG = "08", pgettext_lazy("ethnicity", "Zhuang")
    BUYEI = "09", pgettext_lazy("ethnicity", "Buyei")
    CHOSEN = "10", pgettext_lazy("ethnicity", "Chosen (Korean)")
    MAN = "11", pgettext_lazy("ethnicity", "Man")
    DONG = "12", pgettext_lazy("ethnicity", "Dong")
    YAO = "13", pgettext_lazy("ethnicity", "Yao")
    BAI = "14", pgettext_lazy("ethnicity", "Bai")
    TUJIA = "15", pgettext_lazy("ethnicity", "Tujia")
    HANI = "16", pgettext_lazy("ethnicity", "Hani")
    KAZAK = "17", pgettext_lazy("ethnicity", "Kazak")
    DAI = "18", pgettext_lazy("ethnicity", "Dai")
    LI = "19", pgettext_lazy("ethnicity", "Li")
    LISU = "20", pgettext_lazy("ethnicity", "Lisu")
    VA = "21", pgettext_lazy("ethnicity", "Va")
    SHE = "22", pgettext_lazy("ethnicity", "She")
    GAOSHAN = "23", pgettext_lazy("ethnicity", "Gaoshan")
    LAHU = "24", pgettext_lazy("ethnicity", "Lahu")
    SUI = "25", pgettext_lazy("ethnicity", "Sui")
    DONGXIANG = "26", pgettext_lazy("ethnicity", "Dongxiang")
    NAXI = "27", pgettext_lazy("ethnicity", "Naxi")
    JINGPO = "28", pgettext_lazy("ethnicity", "Jingpo")
    KIRGIZ = "29", pgettext_lazy("ethnicity", "Kirgiz")
    TU = "30", pgettext_lazy("ethnicity", "Tu")
    DAUR = "31", pgettext_lazy("ethnicity", "Daur")
    MULAO = "32", pgettext_lazy("ethnicity", "Mulao")
    QIANG = "33", pgettext_lazy("ethnicity", "Qiang")
    BLANG = "34", pgettext_lazy("ethnicity", "Blang")
    SALAR = "35", pgettext_lazy("ethnicity", "Salar")
    MAONAN = "36", pgettext_lazy("ethnicity", "Maonan")
    GELAO = "37", pgettext_lazy("ethnicity", "Gelao")
    XIBE = "38", pgettext_lazy("ethnicity", "Xibe")
    ACHANG = "39", pgettext_lazy("ethnicity", "Achang")
    PUMI = "40", pgettext_lazy("ethnicity", "Pumi")
    TAJIK = "41", pgettext_lazy("ethnicity", "Tajik")
    NU = "42", pgettext_lazy("ethnicity", "Nu")
    UZBEK = "43", pgettext_lazy("ethnicity", "Uzbek")
    RUSS = "44", pgettext_lazy("ethnicity", "Russ")
    EWENKI = "45", pgettext_lazy("ethnicity", "Ewenki")
    DEANG = "46", pgettext_lazy("ethnicity", "Deang")
    BONAN = "47", pgettext_lazy("ethnicity", "Bonan")
    YUGUR = "48", pgettext_lazy("ethnicity", "Yugur")
    GIN = "49", pgettext_lazy("ethnicity", "Gin")
    TATAR = "50", pgettext_lazy("ethnicity", "Tatar")
    DERUNG = "51", pgettext_lazy("ethnicity", "Derung")
    OROQEN = "52", pgettext_lazy("ethnicity", "Oroqen")
    HEZHEN = "53", pgettext_lazy("ethnicity", "Hezhen")
    MONBA = "54", pgettext_lazy("ethnicity", "Monba")
    LHOBA = "55", pgettext_lazy("ethnicity", "Lhoba")
    JINO = "56", pgettext_lazy("ethnicity", "Jino")
    OTHER = "97", pgettext_lazy("ethnicity", "Other ethnicity")
    NATURALISED = "98", pgettext_lazy("ethnicity", "Naturalised citizen of foreign descent")


CHINESE = """
01汉族 02蒙古族 03回族 04藏族 05维吾尔族 06苗族 07彝族 08壮族
09布依族 10朝鲜族 11满族 12侗族 13瑶族 14白族 15土家族 16哈尼族
17哈萨克族 18傣族 19黎族 20傈僳族 21佤族 22畲族 23高山族 24拉祜族
25水族 26东乡族 27纳西族 28景颇族 29柯尔克孜族 30土族 31达斡尔族 32仫佬族
33羌族 34布朗族 35撒拉族 36毛南族 37仡佬族 38锡伯族 39阿昌族 40普米族
41塔吉克族 42怒族 43乌孜别克族 44俄罗斯族 45鄂温克族 46德昂族 47保安族 48裕固族
49京族 50塔塔尔族 51独龙族 52鄂伦春族 53赫哲族 54门巴族 55珞巴族 56基诺族
97其他 98外国血统中国籍人士
"""
ETHNIC_NAMES = {entry[2:]: Ethnicity(entry[:2]) for entry in CHINESE.split()}  # the Chinese name as printed → code
VARIANTS = {
    "僳僳族": Ethnicity.LISU,
    "栗僳族": Ethnicity.LISU,
    "傈傈族": Ethnicity.LISU,
    "达翰尔族": Ethnicity.DAUR,
    "毛难族": Ethnicity.MAONAN,
    "崩龙族": Ethnicity.DEANG,
    "僮族": Ethnicity.ZHUANG,
    "其它": Ethnicity.OTHER,
    "穿青人": Ethnicity.OTHER,
    "外国血统": Ethnicity.NATURALISED,
    "外国血统中国籍": Ethnicity.NATURALISED,
}
_SPELLINGS = ETHNIC_NAMES | VARIANTS
KNOWN = (
    _SPELLINGS
    | {name.removesuffix("族"): code for name, code in _SPELLINGS.items()}
    | {code: Ethnicity(code) for code in Ethnicity.values}
)


def parse_ethnicity(value: Cell) -> Ethnicity | None:
    """The people named 汉, 汉族, 01 or 1, old spellings included; None when blank, InvalidCell otherwise."""
    text = code_text(value)
    return parse_choice(text.zfill(2) if text.isascii() and text.isdigit() else text, KNOWN)
