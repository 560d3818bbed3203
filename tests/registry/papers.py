"""A child with every blank of the official form filled, and readers of papers that share no code with their writers."""

import datetime as dt
import io

import openpyxl
from pypdf import PdfReader
from pypdf.generic import NameObject

from registry.codes.id_number import build_id_number as number
from registry.models import Absence, Child, Guardianship, Relative
from tests import factories as f

DAY = dt.date(2026, 10, 1)
NAME = "𬱖䶮㛃"  # signs that most fonts lack
ID = {
    "child": number("990000", dt.date(2014, 5, 4), 11),
    "father": number("990000", dt.date(1986, 3, 2), 13),
    "mother": number("990000", dt.date(1988, 7, 6), 14),
    "guardian": number("990000", dt.date(1956, 1, 2), 16),
}
PHONE = {"father": "13800000001", "mother": "13800000002", "guardian": "13800000003"}
HOUSE = "湖北省枝江市百里洲镇合心村三组12号"


def full_child(**fields) -> Child:
    """Return a child of whom every blank of the form is filled and every relative lives; both parents are away."""
    child = f.child(
        NAME,
        sex="1",
        birth_date=dt.date(2014, 5, 4),
        **{
            "school_class": f.school_class(),
            "ethnicity": "15",
            "id_number": ID["child"],
            "hukou_registered": True,
            "hukou_place": "湖北省枝江市",
            "residence": HOUSE,
            "condition": "disabled",
            "disability": "64",
            "disability_grade": 2,
            "illness": "先天性心脏病",
            "boards": True,
            "schooling": "primary",
            "income": ["wages", "farming"],
            "relief": ["allowance", "medical"],
        }
        | fields,
    )
    family(child)
    return child


def family(child: Child) -> None:
    for relation, name, born in (
        ("61", "王一", 1950),
        ("62", "李二", 1951),
        ("63", "张三", 1952),
        ("64", "赵四", 1953),
    ):
        Relative.objects.create(child=child, relation=relation, name=name, birth_date=dt.date(born, 2, 3))
    for relation, parent, name, born, place in (
        ("51", "father", "王五", dt.date(1986, 3, 2), "广东省深圳市"),
        ("52", "mother", "孙六", dt.date(1988, 7, 6), "浙江省温州市"),
    ):
        own = {"phone": PHONE[parent], "id_number": ID[parent], "work_place": place, "birth_date": born}
        Relative.objects.create(child=child, relation=relation, name=name, able=True, **own)
        Absence.objects.create(child=child, parent=relation, left_on=dt.date(2026, 2, 20), destination=place)
    Guardianship.objects.create(
        child=child,
        starts_on=dt.date(2026, 2, 20),
        entrusted=True,
        name="李二",
        phone=PHONE["guardian"],
        id_number=ID["guardian"],
        relation="62",
        address=HOUSE,
        assessment="fair",
    )


def pdf_pages(data: bytes) -> list[str]:
    """Return the text of each page without its white space, for a cell's text is broken where the line ends."""
    pages = PdfReader(io.BytesIO(data)).pages
    for page in pages:
        for font in page["/Resources"]["/Font"].values():
            # The codes are of two bytes either way; this reader knows it only of the encoding that has a name.
            font.get_object()[NameObject("/Encoding")] = NameObject("/Identity-H")
    return ["".join(page.extract_text().split()) for page in pages]


def workbook_of(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data))


def sheet_of(data: bytes):
    return workbook_of(data).active


def sheet_cells(data: bytes) -> list[str]:
    return [str(cell.value) for row in sheet_of(data).iter_rows() for cell in row if cell.value not in (None, "")]


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def in_full(client, address: str, query: dict | None = None, **more):
    """Return the paper in full, as who gave the password a short while ago gets it."""
    return client.post(address, (query or {}) | {"purpose": "check"} | more)
