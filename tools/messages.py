"""Lists the templates of texts for people by domain: what a catalogue must translate."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = {"text": 0, "invalid": 2, "UnreadError": 1, "reading.warn": 1, "reading.note": 1}
"""Which argument of which function is the template."""


def templates(folder: Path, domain: str) -> Iterator[str]:
    """The templates under a folder whose domain, stated or not, is this one."""
    for file in sorted(folder.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call):
                yield from _template(call, domain)


def _template(call: ast.Call, domain: str) -> Iterator[str]:
    name = _name(call.func)
    place = PLACES.get(name)
    stated = next((it.value for it in call.keywords if it.arg == "domain"), None)
    named = ast.literal_eval(stated) if isinstance(stated, ast.Constant) else "core"
    if place is None or len(call.args) <= place or named != domain or (stated and not isinstance(stated, ast.Constant)):
        return
    given = call.args[place]
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value


def _name(called: ast.expr) -> str:
    return ast.unparse(called) if isinstance(called, ast.Name | ast.Attribute) else ""


if __name__ == "__main__":
    for template in sorted(set(templates(ROOT / sys.argv[1], sys.argv[2]))):
        print(template)
