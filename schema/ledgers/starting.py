"""A template to begin with: every column of a ledger by its heading, and what may stand around. 台账模板样例。"""

from __future__ import annotations

from xlsxwriter import Workbook

from .declarations import Ledger
from .templates import NUMBER
from .workbooks import A4, Out

CHINESE = "合计：{{count}}　制表人：{{exporter}}　日期：{{date}}"
ENGLISH = "{{count}} rows, {{exporter}}, {{date}}"


def write(ledger: Ledger, out: Out, language: str) -> None:
    """Write it; an operator then moves, styles and leaves out what they like."""
    book = Workbook(out, {"strings_to_formulas": False})
    cell = {"border": 1, "valign": "vcenter", "text_wrap": True}
    title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    plain, small = book.add_format(cell), book.add_format({"font_size": 9, "font_color": "#606060"})
    heading = book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#EDEDED"})
    chinese = language.startswith("zh")
    sheet = book.add_worksheet(ledger.title.in_language(language)[:31])
    last = len(ledger.columns)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.merge_range(0, 0, 0, last, "{{organisation}} {{title}}", title)
    sheet.merge_range(1, 0, 1, last, "{{line}}", small)
    sheet.write_string(2, 0, NUMBER[1] if chinese else NUMBER[2], heading)
    sheet.write_string(3, 0, "{{no}}", plain)
    sheet.set_column(0, 0, 6)
    for place, column in enumerate(ledger.columns, 1):
        sheet.set_column(place, place, column.width)
        sheet.write_string(2, place, column.title.in_language(language), heading)
        sheet.write_string(3, place, f"{{{{{column.key}}}}}", plain)
    total = CHINESE if chinese else ENGLISH
    sheet.merge_range(4, 0, 4, last, total, small)
    book.close()
