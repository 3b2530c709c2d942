"""SQL in migrations where the two engines differ. 按数据库方言执行的 SQL。"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tortoise.migrations.operations import TortoiseOperation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

from .statements import POSTGRES, SQLITE, single

_TRANSACTION = re.compile(r"(begin|start|commit|end|rollback|abort|savepoint|release|prepare)\b", re.IGNORECASE)


class RunDialectSQL(TortoiseOperation):
    """Run SQL statements of the engine at hand inside the migration's transaction.

    Each list holds single statements, without a semicolon outside quotes; an engine whose list is empty runs
    nothing. The reverse lists are run, newest migration first, when the plugin's tables are removed: they undo
    what goes with no table (a function, an index on another table) and should say IF EXISTS. Raises ValueError
    for a list that is a string, for several statements in one, and for statements that end the transaction.
    """

    reduces_to_sql = True

    def __init__(
        self,
        *,
        sqlite: Sequence[str] = (),
        postgres: Sequence[str] = (),
        reverse_sqlite: Sequence[str] = (),
        reverse_postgres: Sequence[str] = (),
    ) -> None:
        self.forward = {SQLITE: _checked(sqlite, SQLITE), POSTGRES: _checked(postgres, POSTGRES)}
        self.reverse = {SQLITE: _checked(reverse_sqlite, SQLITE), POSTGRES: _checked(reverse_postgres, POSTGRES)}
        self.reversible = all(self.reverse[dialect] or not self.forward[dialect] for dialect in self.forward)

    def describe(self) -> str:
        """One line for a plan."""
        return "Run SQL of the engine"

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Run the statements of the editor's engine."""
        await _run(self.forward, state_editor)

    async def database_backward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Run the reverse statements of the editor's engine."""
        await _run(self.reverse, state_editor)


def _checked(statements: Sequence[str], dialect: str) -> tuple[str, ...]:
    if isinstance(statements, str):
        raise ValueError(f"expected a list of {dialect} statements, found one string: {statements!r}")
    for statement in statements:
        if _TRANSACTION.match(statement.lstrip()):
            raise ValueError(f"a migration is one transaction and may not end it: {statement!r}")
    return tuple(single(statement, dialect) for statement in statements)


async def _run(statements: dict[str, tuple[str, ...]], editor: BaseSchemaEditor | None) -> None:
    if editor is not None:
        for statement in statements[editor.DIALECT]:
            await editor._run_sql(statement)
