"""The words of annotated copies and of templates, to translate. 表格用语。"""

from __future__ import annotations

from ..errors import Text, text
from .field import SheetKind
from .findings import Level

KINDS: dict[SheetKind, Text] = {
    SheetKind.PEOPLE: text("People"),
    SheetKind.PREMISES: text("Premises"),
    SheetKind.UNITS: text("Units"),
    SheetKind.POSTS: text("Posts"),
}
LEVELS: dict[Level, Text] = {
    Level.ERROR: text("Error"),
    Level.WARNING: text("Warning"),
    Level.NOTE: text("Note"),
}
EXPLANATION, PROBLEMS = text("Explanation"), text("Problems")
SHEET, KIND, HEADER = text("Sheet"), text("Kind of sheet"), text("Rows of the header")
COUNT, CODE, LEVEL, MEANING = text("How many"), text("Code"), text("Level"), text("Example of what was found")
COLUMN, TITLE, TAKEN_FOR, NOT_IMPORTED = text("Column"), text("Heading"), text("Taken for"), text("not imported")
LEGEND = text("Red cells are wrong and their rows are not imported; yellow ones are worth a look")
MORE = text("The first {most} cells have notes; the last column of the sheet tells of all", most=2000)
REQUIRED, HINT, CHOICES = text("Required"), text("Hint"), text("Choices")
FILL_IN = text("Fill in from row 2 of the first sheet; write numbers of people and phones as text")
