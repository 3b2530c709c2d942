"""Empty sheets to fill in, one for each kind: headings, hints, lists to choose from, text where digits count. 模板。"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook as Book

from ..errors import Text
from ..languages import translate
from . import wording
from .dates import read_date
from .field import SheetField, SheetKind
from .fields import FIELDS

ROWS = 5_000
"""For so many rows a template has lists to choose from."""
_TEXT, _DATE = "@", "yyyy-mm-dd"
_ELSEWHERE = frozenset(("premises.area", "premises.use", "tenure.share", "owner.name", "owner.idNumber", "owner.phone"))


def offered(kind: SheetKind) -> Sequence[SheetField]:
    """The fields of a template, those that are required first among equals."""
    wanted = [one for one in FIELDS.values() if kind in one.kinds]
    return [one for one in wanted if kind is not SheetKind.PEOPLE or one.key not in _ELSEWHERE]


def template(kind: SheetKind, language: str = "zh-CN") -> bytes:
    """An empty XLSX of a kind. Its headings are Chinese, or English where the language is."""
    target = BytesIO()
    with Book(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        _sheet(book, kind, language)
        _explanation(book, kind, language)
    return target.getvalue()


def heading(field: SheetField, language: str) -> str:
    """The heading of a field."""
    return field.title if language.startswith("zh") else field.title_en


def _sheet(book: Any, kind: SheetKind, language: str) -> None:
    sheet = book.add_worksheet(translate(wording.KINDS[kind], language))
    known = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "num_format": _TEXT})
    needed = book.add_format({"bold": True, "bg_color": "#FFC7CE", "border": 1, "num_format": _TEXT})
    as_text, as_date = book.add_format({"num_format": _TEXT}), book.add_format({"num_format": _DATE})
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(offered(kind)):
        required = kind in field.required
        sheet.set_column(column, column, 22 if field.personal else 14, as_date if field.read is read_date else as_text)
        sheet.write_string(0, column, heading(field, language) + "*" * required, needed if required else known)
        if field.hint:
            sheet.write_comment(0, column, field.hint, {"author": "Linli"})
        if field.choices:
            rule = {"validate": "list", "source": list(field.choices), "error_type": "warning"}
            sheet.data_validation(1, column, ROWS, column, rule)


def _explanation(book: Any, kind: SheetKind, language: str) -> None:
    sheet = book.add_worksheet(translate(wording.EXPLANATION, language))
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 3, 28)
    sheet.write_string(0, 0, translate(wording.FILL_IN, language))
    labels: Sequence[Text] = (wording.TITLE, wording.REQUIRED, wording.HINT, wording.CHOICES)
    for column, label in enumerate(labels):
        sheet.write_string(2, column, translate(label, language), bold)
    for row, field in enumerate(offered(kind), start=3):
        sheet.write_string(row, 0, heading(field, language))
        sheet.write_string(row, 1, "*" if kind in field.required else "")
        sheet.write_string(row, 2, field.hint)
        sheet.write_string(row, 3, " / ".join(field.choices))
