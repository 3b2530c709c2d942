from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.config.positions import KeyPath, positions


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("# a = 1\n\n  # more\na = 1", ("a",), 4),
        ("a = '#'\nb = 1 # = [x]\nc = 2", ("c",), 3),
        ("[a]\n[a.b]\nc = 1", ("a", "b", "c"), 3),
        ("[a.b]\nc = 1\n\n[a]\nd = 2", ("a",), 4),
        ("[a.b]\nc = 1", ("a",), 1),
        ("[ a . 'b.c' ]\nd = 1", ("a", "b.c", "d"), 2),
        ('"\\u0061" = 1', ("a",), 1),
        ('x = 1\n"区".name = "x"', ("区", "name"), 2),
        ('x = 1\n"区".name = "x"', ("区",), 2),
        ("a = [\n  1, # one\n  2,\n]\nb = 1", ("a", 1), 3),
        ("a = [\n  1, # one\n  2,\n]\nb = 1", ("a",), 1),
        ("a = [\n  1, # one\n  2,\n]\nb = 1", ("b",), 5),
        ("a = [[1,\n2],\n[3]]", ("a", 0, 1), 2),
        ("a = [[1,\n2],\n[3]]", ("a", 1, 0), 3),
        ("a = [{b = 1},\n {b = 2}]", ("a", 1, "b"), 2),
        ("a = {b = [\n1,\n2], c.d = 3}", ("a", "b", 1), 3),
        ("a = {b = [\n1,\n2], c.d = 3}", ("a", "c", "d"), 3),
        ('a = """\nx = 1\n"""\nb = 2', ("b",), 4),
        ("a = '''\n[x]\n'''\nb = 2", ("b",), 4),
        ('a = """x"""""\nb = "\\"#"\nc = 1', ("c",), 3),
        ("a = '''x'''''\nb = 1", ("b",), 2),
        ('a = """\\\\"""\nb = 1', ("b",), 2),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), 4),
        ("[[a]]\n[a.b]\nc = 1\n[[a]]\n[[a.d]]\ne = 1", ("a", 1, "d", 0, "e"), 6),
        ("a = 1979-05-27 07:32:00 # when\nb = 1", ("b",), 2),
        ("a = 1\r\n\r\nb = [\r\n1,\r\n2]\r\n", ("b", 1), 5),
        ("a.b = 1\na.c = 2", ("a",), 1),
    ],
)
def test_a_value_is_where_it_is_written(text: str, path: KeyPath, line: int) -> None:
    assert positions(text)[path] == line


def test_a_text_without_values_has_no_positions() -> None:
    assert positions("\n# nothing\n\n") == {}


def test_a_text_that_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(ValueError, match="line 2"):
        positions("a = 1\n= 2")


keys = st.text(st.sampled_from('ab-_ .#"\\区'), min_size=1, max_size=3)
scalars = st.one_of(st.integers(), st.booleans(), st.text(st.sampled_from("a#=[]{},'\"\\\n区"), max_size=6))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
)
blanks = st.sampled_from(["", "\n", "# [x] = 'y\n", "\t\n\n"])


class Writer:
    """Writes TOML and remembers on which line it wrote what."""

    def __init__(self, data: st.DataObject) -> None:
        self.text = ""
        self.lines: dict[KeyPath, int] = {}
        self.data = data

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def table(self, path: KeyPath, table: dict[str, Any]) -> None:
        self.text += self.data.draw(blanks)
        self.lines[path] = self.line
        self.text += "[" + " . ".join(self.quoted(str(part)) for part in path) + "] # header\n"
        for key, value in table.items():
            self.text += self.data.draw(blanks)
            self.pair((*path, key), value)
            self.text += "\n"

    def pair(self, path: KeyPath, value: Any) -> None:
        self.lines[path] = self.line
        self.text += f"{self.quoted(str(path[-1]))} = "
        self.value(path, value)

    def value(self, path: KeyPath, value: Any) -> None:
        if isinstance(value, list):
            self.array(path, value)
        elif isinstance(value, dict):
            self.inline(path, value)
        elif isinstance(value, str):
            self.text += self.quoted(value)
        else:
            self.text += str(value).lower()

    def array(self, path: KeyPath, value: list[Any]) -> None:
        self.text += "["
        for index, item in enumerate(value):
            self.text += self.data.draw(blanks)
            self.lines[(*path, index)] = self.line
            self.value((*path, index), item)
            self.text += ","
        self.text += "]"

    def inline(self, path: KeyPath, value: dict[str, Any]) -> None:
        self.text += "{"
        for index, (key, item) in enumerate(value.items()):
            self.text += ", " if index else ""
            self.pair((*path, key), item)
        self.text += "}"

    def quoted(self, text: str) -> str:
        if '"""' not in text and "\n" in text:
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            return f'"""\n{escaped}"""' if self.data.draw(st.booleans()) else self.single(text)
        return self.single(text)

    def single(self, text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'


@given(st.dictionaries(keys, st.dictionaries(keys, values, max_size=3), min_size=1, max_size=3), st.data())
def test_every_line_is_found_however_the_file_is_laid_out(
    tables: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    writer = Writer(data)
    for name, table in tables.items():
        writer.table((name,), table)

    assert tomllib.loads(writer.text) == tables
    assert positions(writer.text) == writer.lines


@given(st.dictionaries(keys, st.dictionaries(keys, values, max_size=3), min_size=1, max_size=3), st.data())
def test_windows_line_breaks_change_no_line(tables: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    writer = Writer(data)
    for name, table in tables.items():
        writer.table((name,), table)

    assert positions(writer.text.replace("\n", "\r\n")) == writer.lines


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


@pytest.mark.parametrize(
    "text",
    [
        "[a]\nx = 1\n[b]\ny = {z = [1, {w = 2}]}\n[a.c]\nd.e = 1\n",
        "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\n[[a]]\nd = 1\n",
    ],
)
def test_what_is_parsed_is_what_is_located(text: str) -> None:
    assert set(positions(text)) == set(paths(tomllib.loads(text)))
