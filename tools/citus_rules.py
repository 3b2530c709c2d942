"""Finds statements that a Citus cluster refuses, or carries out on the wrong node: file, line, rule.

Every text in the code that reads as SQL is looked at, texts that are put together included, as far as they stand in one
place. What only SQLite is told is passed over. `python -m tools.citus_rules` lists what it finds, and ends with 1.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("core", "schema", "plugins", "examples")
ONLY_SQLITE = re.compile(r"sqlite")
"""Files, and arguments of `RunDialectSQL`, with this in their names hold what PostgreSQL is never told."""
NOT_SERVED = ("schema/testing/",)
"""The test kit copies schemas of a plain server by its own means; no district is served by it."""

_SQL = re.compile(
    r"\s*(?:(?:SELECT|INSERT\s+INTO|DELETE\s+FROM|CREATE|ALTER|DROP|WITH(?:\s+RECURSIVE)?|LOCK\s+TABLE|LISTEN|NOTIFY"
    r"|PREPARE|TRUNCATE|MERGE\s+INTO|COPY|SET|BEGIN|REFERENCES|FROM|JOIN)\s|UPDATE\s+\S+\s+SET\s)"
)
_LIKELY = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|LOCK|LISTEN|NOTIFY|PREPARE|COPY|FROM|JOIN)\s")
_TABLE = (
    r"(?:FROM|JOIN|UPDATE|INTO|LOCK\s+TABLE)\s+(?:ONLY\s+)?\"?(?!(?:unnest|generate_series|json\w*|pg_\w+)\b)[a-z{]"
)
_TOUCHES = re.compile(_TABLE, re.IGNORECASE)
_SYSTEM = ("pg_catalog", "information_schema")


@dataclass(frozen=True)
class Rule:
    """What no statement may do; `with_table` where that is wrong only in a statement that reads or writes a table."""

    code: str
    pattern: re.Pattern[str]
    why: str
    with_table: bool = False


def _rule(code: str, pattern: str, why: str, *, with_table: bool = False) -> Rule:
    return Rule(code, re.compile(pattern, re.IGNORECASE), why, with_table)


RULES = (
    _rule("TRIGGER", r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\b", "distributed tables have none"),
    _rule("RULE", r"\bCREATE\s+(?:OR\s+REPLACE\s+)?RULE\b", "distributed tables have none"),
    _rule("SEQUENCE", r"\b(?:BIG|SMALL)?SERIAL\b|\bnextval\s*\(|\bAS\s+IDENTITY\b", "keys are UUIDs, numbers are rows"),
    _rule("INHERITS", r"\bINHERITS\s*\(|\bCREATE\s+FOREIGN\s+TABLE\b", "refused in a distributed schema"),
    _rule("TWO_PHASE", r"\bPREPARE\s+TRANSACTION\b", "Citus commits in two phases itself"),
    _rule(
        "SESSION_LOCK",
        r"\bpg_(?:try_)?advisory_(?:lock|unlock)",
        "pooled sessions share it: take the lock of a transaction",
    ),
    _rule("LOCK_ON_WORKER", r"\bpg_(?:try_)?advisory_", "with a table it is taken on a worker", with_table=True),
    _rule("NOTIFY_ON_WORKER", r"\bpg_notify\s*\(", "with a table it is told to a worker's listeners", with_table=True),
    _rule("LISTEN", r"^\s*(?:UN)?LISTEN\s", "only core/feed/listening.py listens, past every pooler"),
    _rule(
        "SESSION_ON_WORKER",
        r"\b(?:current_schema|current_setting|pg_backend_pid|pg_current_xact_id|txid_current)\s*\(",
        "with a table it may be answered by a worker, whose session is another",
        with_table=True,
    ),
)
_OTHER_SCHEMA = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|INTO|REFERENCES|TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+\"?([a-z_]\w*)\"?\s*\.\s*\"?[a-z_]\w*",
    re.IGNORECASE,
)
_TWO = re.compile(r";\s*\S")
_DDL = re.compile(r"\b(?:CREATE|ALTER|DROP)\s", re.IGNORECASE)

ALLOWED = {
    ("core/records/migrations/postgres.py", "SESSION_LOCK"): "a direct connection of its own, which ends with it",
}
"""What may be all the same, by file and rule, with the reason."""


@dataclass(frozen=True)
class Broken:
    """A rule that a statement breaks."""

    file: str
    line: int
    code: str
    why: str
    statement: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code}: {self.why}: {' '.join(self.statement.split())[:90]}"


def broken_by(statement: str) -> Iterator[tuple[str, str]]:
    """The rules that a statement breaks: code and reason."""
    touches = _TOUCHES.search(statement) is not None
    for rule in RULES:
        if rule.pattern.search(statement) and (touches or not rule.with_table):
            yield rule.code, rule.why
    for schema in _OTHER_SCHEMA.findall(statement):
        if schema.lower() not in _SYSTEM:
            yield "OTHER_SCHEMA", f"a statement stays within its district: {schema} is a schema"
    if _TWO.search(statement) and _DDL.search(statement):
        yield "SEVERAL", "Citus takes no two definitions in one message"


def in_file(file: Path, root: Path = ROOT) -> Iterator[Broken]:
    """What is wrong in a file of Python."""
    name = file.relative_to(root).as_posix()
    if ONLY_SQLITE.search(file.name) or name.startswith(NOT_SERVED):
        return
    source = file.read_text("utf-8")
    if not _LIKELY.search(source):
        return
    for line, text in _texts(ast.parse(source)):
        if _SQL.match(text):
            for code, why in broken_by(text):
                if (name, code) not in ALLOWED:
                    yield Broken(name, line, code, why, text)


def everywhere(root: Path = ROOT) -> list[Broken]:
    """What is wrong in all of Linli, its plugins and its examples."""
    files = sorted(file for folder in FOLDERS for file in (root / folder).rglob("*.py"))
    return [broken for file in files for broken in in_file(file, root)]


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts in a tree, each with its line; of one that is put together the whole, places being `{}`."""
    whole = _text(node)
    if whole is not None:
        yield getattr(node, "lineno", 0), whole
        return
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children[1:] if field == "body" and _is_documentation(node) else children:
            if isinstance(child, ast.keyword) and child.arg is not None and ONLY_SQLITE.search(child.arg):
                continue
            if isinstance(child, ast.AST):
                yield from _texts(child)


def _is_documentation(node: ast.AST) -> bool:
    documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return documented and ast.get_docstring(node, clean=False) is not None  # type: ignore[arg-type]  # looked at above


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "" if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None and right is None else f"{left or '{}'}{right or '{}'}"
    return None


if __name__ == "__main__":
    found = everywhere()
    for each in found:
        print(each)
    sys.exit(1 if found else 0)
