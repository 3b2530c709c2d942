"""The text of a migration file. 迁移文件的文本。"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from tortoise.migrations.operations import Operation
from tortoise.migrations.writer import ImportManager, MigrationWriter

from .errors import BadMigrationError
from .history import Step

_INDENT = " " * 8
_ALWAYS = ("from tortoise import migrations", "from tortoise.migrations import operations as ops")


def source(
    step: Step, operations: Sequence[Operation], dependencies: Sequence[Step], *, package: str, initial: bool
) -> str:
    """The file for a migration in a package, its imports sorted; fields are imported from where their classes stand."""
    imports = ImportManager()
    writer = MigrationWriter(step.name, step.label, operations)
    lines = [line for operation in operations for line in writer._format_operation(operation, imports, indent=_INDENT)]
    pairs = [(parent.label, parent.name) for parent in dependencies]
    body = [
        f'"""{step}: {_summary(operations)}"""',
        "",
        "from __future__ import annotations",
        "",
        *_imports([*_ALWAYS, *imports.render()], package.partition(".")[0]),
        "",
        "",
        "class Migration(migrations.Migration):",
        *(["    initial = True", ""] if initial else []),
        f"    dependencies = {pairs!r}",
        "",
        "    operations = [",
        *lines,
        "    ]",
    ]
    return "\n".join(body) + "\n"


def _summary(operations: Sequence[Operation]) -> str:
    first, *others = [operation.describe() for operation in operations]
    return f"{first[:1].lower()}{first[1:]}" + (f" and {len(others)} more." if others else ".")


def _imports(lines: Sequence[str], own: str) -> list[str]:
    """Sort imports as isort does: standard library, others, one's own; plain ones first, one module one line."""
    plain = sorted({line for line in lines if line.startswith("import ")})
    names: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("from "):
            module, _, imported = line.removeprefix("from ").partition(" import ")
            names.setdefault(module, set()).update(imported.split(", "))
    _refuse_ambiguous(names)
    froms = [
        f"from {module} import {', '.join(sorted(found, key=_by_case))}" for module, found in sorted(names.items())
    ]
    groups = [[line for line in (*plain, *froms) if _group(line, own) == group] for group in range(3)]
    return [line for group in groups if group for line in ("", *group)][1:]


def _refuse_ambiguous(names: dict[str, set[str]]) -> None:
    """Refuse two classes or functions of one name: the file could only mean one of them."""
    counted = Counter(name for found in names.values() for name in found)
    twice = sorted(name for name, count in counted.items() if count > 1)
    if twice:
        modules = sorted(module for module, found in names.items() if twice[0] in found)
        raise BadMigrationError(f"{twice[0]} is imported from {' and from '.join(modules)}; give one another name")


def _group(line: str, own: str) -> int:
    top = line.split()[1].partition(".")[0]
    if top in sys.stdlib_module_names:
        return 0
    return 2 if top == own else 1


def _by_case(name: str) -> tuple[int, str]:
    """CONSTANTS, then Classes, then functions, as isort orders members."""
    bare = name.split(maxsplit=1)[0]
    return (0 if bare.isupper() else 1 if bare[0].isupper() else 2), bare
