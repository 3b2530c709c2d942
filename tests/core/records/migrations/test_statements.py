from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.core.records.migrations.statements import POSTGRES, SQLITE, single, split

CASES = [
    ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("SELECT 1;", ["SELECT 1"]),
    (" ;; \n;", []),
    ("", []),
    ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
    ("SELECT 'it''s;'; SELECT 2", ["SELECT 'it''s;'", "SELECT 2"]),
    ('SELECT 1 AS "a;""b"; SELECT 2', ['SELECT 1 AS "a;""b"', "SELECT 2"]),
    ("SELECT 1 -- it's; \"not\n; SELECT 2", ["SELECT 1 -- it's; \"not", "SELECT 2"]),
    ("-- only a comment;\n", []),
    ("/* only; */ -- comments", []),
    ("SELECT /* a; 'b */ 1; SELECT 2", ["SELECT /* a; 'b */ 1", "SELECT 2"]),
    ("-- why\nSELECT 1; SELECT 2 -- end", ["-- why\nSELECT 1", "SELECT 2 -- end"]),
    ("SELECT '--'; SELECT '/*'", ["SELECT '--'", "SELECT '/*'"]),
    ("SELECT 5 - -3 / 2; SELECT 2", ["SELECT 5 - -3 / 2", "SELECT 2"]),
]


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES])
@pytest.mark.parametrize(("script", "statements"), CASES)
def test_statements_end_at_semicolons_outside_quotes_and_comments(
    dialect: str, script: str, statements: list[str]
) -> None:
    assert split(script, dialect) == statements


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("SELECT /* a /* b; */ c; */ 1; SELECT 2", ["SELECT /* a /* b; */ c; */ 1", "SELECT 2"]),
        (r"SELECT E'it\';s'; SELECT 2", [r"SELECT E'it\';s'", "SELECT 2"]),
        (r"SELECT e'a\\'; SELECT 2", [r"SELECT e'a\\'", "SELECT 2"]),
        (r"SELECT 'a\'; SELECT 2", [r"SELECT 'a\'", "SELECT 2"]),
        ("SELECT $$a;'b$$; SELECT 2", ["SELECT $$a;'b$$", "SELECT 2"]),
        ("SELECT $a$ $$;$b$; $a$; SELECT 2", ["SELECT $a$ $$;$b$; $a$", "SELECT 2"]),
        ("SELECT $1; SELECT $2", ["SELECT $1", "SELECT $2"]),
        ("SELECT a$b$c; SELECT d$b$", ["SELECT a$b$c", "SELECT d$b$"]),
        ("SELECT 名$; SELECT $名$;$名$", ["SELECT 名$", "SELECT $名$;$名$"]),
    ],
)
def test_postgres_has_dollar_quotes_escapes_and_nested_comments(script: str, statements: list[str]) -> None:
    assert split(script, POSTGRES) == statements


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("SELECT /* a /* b */ 1; SELECT 2", ["SELECT /* a /* b */ 1", "SELECT 2"]),
        (r"SELECT 'a\'; SELECT 2", [r"SELECT 'a\'", "SELECT 2"]),
        ("SELECT $a; SELECT $a", ["SELECT $a", "SELECT $a"]),
    ],
)
def test_sqlite_has_none_of_these(script: str, statements: list[str]) -> None:
    assert split(script, SQLITE) == statements


@pytest.mark.parametrize(
    "script", ["SELECT 'a", 'SELECT "a', "SELECT /* a", "SELECT $$a", "SELECT $b$a$$", r"SELECT E'a\'"]
)
def test_what_never_ends_is_refused_with_its_line(script: str) -> None:
    with pytest.raises(ValueError, match="begins in line 2 never ends"):
        split(f"SELECT 1;\n{script}", POSTGRES)


FRAGMENTS = {
    SQLITE: ["SELECT 1", "'a;''b'", '"c;""d"', "--e;'\n", "/*f;'*/", "x - y / z", "名", "\n"],
    POSTGRES: [
        "SELECT 1",
        "'a;''b'",
        '"c;""d"',
        "--e;'\n",
        "/*f/*;*/'*/",
        r"E'\';'",
        "$$g;'$$",
        "$h$;$$;$h$",
        "a$b$",
        "$1",
        "\n",
    ],
}


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES])
@settings(deadline=None)
@given(data=st.data())
def test_joined_statements_come_apart_again(dialect: str, data: st.DataObject) -> None:
    tails = st.lists(st.sampled_from(FRAGMENTS[dialect]), max_size=6)
    statements = [" ".join(["SELECT", *tail]).strip() for tail in data.draw(st.lists(tails, max_size=5))]
    assert split("\n;".join(statements), dialect) == statements


@settings(deadline=None)
@given(st.lists(st.sampled_from(["SELECT", " ", "'", '"', ";", "--", "\n", "/*", "*/", "a"]), max_size=12).map("".join))
def test_sqlite_agrees_on_where_statements_end(script: str) -> None:
    try:
        statements = split(script, SQLITE)
    except ValueError:
        assert not sqlite3.complete_statement(f"{script};")
    else:
        assert all(sqlite3.complete_statement(f"{statement}\n;") for statement in statements)


@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT ';'", "SELECT 1 -- a;b", 'SELECT 1 AS ";"'])
def test_a_single_statement_is_returned_as_it_is(statement: str) -> None:
    assert single(statement, SQLITE) == statement


@pytest.mark.parametrize("statement", ["", "-- nothing", "SELECT 1;", "SELECT 1; SELECT 2", ";"])
def test_what_is_not_a_single_statement_is_refused(statement: str) -> None:
    with pytest.raises(ValueError, match="expected exactly one sqlite statement"):
        single(statement, SQLITE)
