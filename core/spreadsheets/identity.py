"""Cells that hold numbers of people and firms: id numbers, documents, phones, credit codes. 证件与电话。"""

from __future__ import annotations

import re

from ..graph.credit_codes import credit_code_valid
from ..people import citizen_id
from ..people.document_rules import LONGEST_NUMBER, spelt
from .cells import EXACT, Cell, Reading, squeezed
from .findings import UnreadError

_X = str.maketrans({"×": "X", "Х": "X", "х": "X", "✕": "X"})
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{2}")
_OLD = re.compile(r"[0-9]{15}")
_DOCUMENT = re.compile(r"[A-Z]{1,3}[0-9]{6,12}|[A-Z]{2}[0-9]{7}")
_ZEROS = "000"
_PREFIX = re.compile(r"^(?:(?:\+|00)?86(?=1[3-9][0-9]{9}$)|(?:\+|00)86-?)")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"\(?(0(?:10|2[0-9]|[3-9][0-9]{2}))?\)?[-]?([2-9][0-9]{6,7})(?:[-转]([0-9]{1,6}))?")
_SERVICE = re.compile(r"([48]00)-?([0-9]{3,4})-?([0-9]{3,4})")
_BETWEEN = re.compile(r"[、,;/|\n\r]+")
_SERVICE_LENGTH = 10
_PROBLEMS = {
    "SHAPE": ("ID_NUMBER_SHAPE", "An id number has 17 digits and a digit or X"),
    "DATE": ("ID_NUMBER_DATE", "The id number holds no real date of birth"),
    "CHECKSUM": ("ID_NUMBER_CHECKSUM", "The last character of the id number does not fit the others"),
}


def read_id_number(cell: Cell, reading: Reading) -> str:
    """A citizen id of 18 characters, its check character right.

    UnreadError ID_NUMBER_ROUNDED where a spreadsheet kept 15 of the digits, OLD_ID_NUMBER for one of 15 digits,
    OTHER_DOCUMENT for what looks like a passport or a permit, ID_NUMBER_SHAPE, ID_NUMBER_DATE, ID_NUMBER_CHECKSUM.
    """
    number = squeezed(cell).upper().translate(_X).replace("-", "")
    if _is_rounded(cell, number):
        raise UnreadError("ID_NUMBER_ROUNDED", "The program kept only 15 digits: enter the number anew, as text")
    if _OLD.fullmatch(number):
        raise UnreadError("OLD_ID_NUMBER", "An id number of 15 digits is void since 2013: enter the one of 18")
    if _DOCUMENT.fullmatch(number):
        raise UnreadError("OTHER_DOCUMENT", "This is no citizen id: taken as another document")
    found = next(citizen_id.problems(number), None)
    if found is not None:
        raise UnreadError(*_PROBLEMS[found])
    return number


def _is_rounded(cell: Cell, number: str) -> bool:
    if isinstance(cell, int | float):
        return abs(cell) >= EXACT
    if _SCIENTIFIC.fullmatch(number):
        return True
    zeros = len(number) == citizen_id.LENGTH and number.isdigit() and number.endswith(_ZEROS)
    return zeros and next(citizen_id.problems(number), None) is not None


def read_document(cell: Cell, reading: Reading) -> str:
    """The number of a passport, a permit or the like, as documents are spelt. UnreadError DOCUMENT."""
    number = spelt(squeezed(cell))
    if not (1 < len(number) <= LONGEST_NUMBER and number.isascii()):
        raise UnreadError("DOCUMENT", "This is no number of a document")
    return number


def read_phone(cell: Cell, reading: Reading) -> str:
    """A mobile phone of 11 digits, or a landline as area-number[-extension]. UnreadError PHONE, PHONE_ROUNDED.

    Of several the first is taken, with a warning (PHONE_SEVERAL).
    """
    written = cell if isinstance(cell, str) else squeezed(cell)
    parts = [part for part in (squeezed(it) for it in _BETWEEN.split(written.strip())) if part]
    found = [_phone(part) for part in parts]
    if not found or found[0] is None:
        if parts and _SCIENTIFIC.fullmatch(parts[0].upper()):
            raise UnreadError("PHONE_ROUNDED", "The program shortened the number: enter it anew, as text")
        raise UnreadError("PHONE", "This is no phone number: 11 digits, or a landline with its area code")
    if len(found) > 1:
        reading.warn("PHONE_SEVERAL", "Several phone numbers: only the first is taken")
    return found[0]


def _phone(written: str) -> str | None:
    digits = _PREFIX.sub("", written.replace("—", "-").replace("–", "-").replace("_", "-"), count=1)
    tight = digits.replace("-", "").replace(".", "")
    if _MOBILE.fullmatch(tight):
        return tight
    if (found := _SERVICE.fullmatch(digits)) and len(tight) == _SERVICE_LENGTH:
        return tight
    if found := _LANDLINE.fullmatch(digits):
        return "-".join(part for part in found.groups() if part)
    return None


def read_credit_code(cell: Cell, reading: Reading) -> str:
    """A unified social credit code, its check character right. UnreadError CREDIT_CODE, CREDIT_CODE_ROUNDED."""
    code = squeezed(cell).upper().replace("-", "")
    if (isinstance(cell, int | float) and abs(cell) >= EXACT) or _SCIENTIFIC.fullmatch(code):
        raise UnreadError("CREDIT_CODE_ROUNDED", "The program kept only 15 digits: enter the code anew, as text")
    if not credit_code_valid(code):
        raise UnreadError("CREDIT_CODE", "This is no unified social credit code of GB 32100-2015")
    return code
