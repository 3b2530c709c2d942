"""Which identity document a row means beside the citizen id, and whether it can be one. 其他身份证件。

Nothing is guessed at: what kind of document it is the row says, or the heading of its column; else it is kept as
another one, and somebody is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import Text, text
from ..people.document_rules import DocumentKind, problems, spelt
from .findings import Level
from .reading import Recognised
from .words import CITIZEN_ID

if TYPE_CHECKING:
    from .row_rules import Judged

DOCUMENT, KIND, COUNTRY, ID_NUMBER = (
    *("person.document", "person.documentKind", "person.documentCountry"),
    "person.idNumber",
)
_OTHER = "OTHER_DOCUMENT"
Add = Callable[["Judged", str, Level, str, Text], None]


class Documents:
    """Judges the documents of the rows of one sheet of people."""

    def __init__(self, recognised: Recognised, add: Add) -> None:
        self._add = add
        self._title = next((one.title for one in recognised.columns if one.field == DOCUMENT), "")

    def judge(self, row: Judged) -> None:
        """Complete what a row says of a document, and take away what cannot be kept."""
        said = row.values.pop(KIND, None)
        country = row.values.pop(COUNTRY, None)
        kind = None if said in (None, CITIZEN_ID) else DocumentKind(said)
        self._instead(row, kind)
        if DOCUMENT not in row.values:
            return
        number = spelt(row.values[DOCUMENT])
        kind = kind or self._by_title(number) or self._unknown(row)
        if self._fits(row, kind, number, country):
            row.values |= {DOCUMENT: number, KIND: kind.value}
            row.values |= {} if country is None else {COUNTRY: country}

    def _instead(self, row: Judged, kind: DocumentKind | None) -> None:
        """What stands in the column of id numbers is the document that the row names, or what looks like one."""
        if row.instead is None or DOCUMENT in row.values:
            return
        if kind is not None:
            row.findings = [one for one in row.findings if one.field != ID_NUMBER]
            row.values[DOCUMENT] = row.instead
        elif any(one.code == _OTHER for one in row.findings):
            row.values[DOCUMENT] = row.instead

    def _by_title(self, number: str) -> DocumentKind | None:
        if "护照" in self._title:
            return DocumentKind.PASSPORT
        if "通行证" in self._title or "港澳台" in self._title:
            return DocumentKind.TAIWAN_PERMIT if number[:1].isdigit() else DocumentKind.HK_MACAO_PERMIT
        return None

    def _unknown(self, row: Judged) -> DocumentKind:
        if all(one.code != _OTHER for one in row.findings):
            told = text("The sheet does not say what kind of document this is: kept as another one")
            self._add(row, DOCUMENT, Level.WARNING, "DOCUMENT_KIND_UNKNOWN", told)
        return DocumentKind.OTHER

    def _fits(self, row: Judged, kind: DocumentKind, number: str, country: str | None) -> bool:
        for found in problems(kind, number, country):
            del row.values[DOCUMENT]
            if found.path == "number":
                self._add(row, DOCUMENT, Level.ERROR, "DOCUMENT_SHAPE", found.message)
            else:
                told = text("A document of this kind needs its country, in a column of nationalities: it is not kept")
                self._add(row, DOCUMENT, Level.WARNING, "DOCUMENT_COUNTRY", told)
            return False
        return True
