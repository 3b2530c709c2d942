"""How long rows and personal values are kept, declared once for each table. 保存期限。

PIPL art. 19: no longer than the purpose needs, unless a law says how long. What no rule reaches is said
to be kept, with the reason; a test finds personal columns of which neither is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

from tortoise.expressions import Q
from tortoise.models import Model

from ..config.retention_checks import Limits
from ..config.spans import Span

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")

Condition = Callable[[], Q]


class RetentionAction(StrEnum):
    """What becomes of what was kept long enough."""

    DELETED = "DELETED"  # 删除整行
    CLEARED = "CLEARED"  # 清空个人信息列


@dataclass(frozen=True)
class RetentionRule:
    """How long the rows of a table, or personal values in them, are kept. 保存期限规则。

    `name` is `<plugin>.<thing>`. The time counts from `since`, a column with an instant or a day; rows where it is
    null are not due. `kept_for` is the default, `at_least` and `at_most` are as far as an operator may go: a law, or
    what other code looks back at, sets them. `blank` says what takes the place of which columns; without it the row
    is deleted, rows in `along` with it, by the column that leads to it, and the columns in `unlinked` made null.
    `rows` says which rows are meant at all, `held` which of them are left because something is open; rows of a person
    whose request about their data waits for an answer are left anyway, where `person` is the look-up that leads to
    the person's id. `reason` is "English. 中文。" and cites the law, or says whose default it is.
    """

    name: str
    model: type[Model]
    since: str
    kept_for: str
    at_least: str
    at_most: str
    reason: str
    blank: Mapping[str, object] = field(default_factory=dict)
    rows: Condition = Q
    person: str | None = None
    held: Condition | None = None
    along: Mapping[type[Model], str] = field(default_factory=dict)
    unlinked: Mapping[type[Model], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.name)
        if not self.limits.allow(self.span):
            raise ValueError(f"retention rule {self.name}: {self.kept_for} is not within its own limits")
        if self.blank and (self.along or self.unlinked):
            raise ValueError(f"retention rule {self.name}: only a row that goes takes others along")
        if not self.reason.strip():
            raise ValueError(f"retention rule {self.name}: say why so long, and who says so")

    @property
    def span(self) -> Span:
        """For how long, unless an operator says otherwise."""
        return Span.read(self.kept_for)

    @property
    def limits(self) -> Limits:
        """How far an operator may go."""
        return Limits(Span.read(self.at_least), Span.read(self.at_most))

    @property
    def action(self) -> RetentionAction:
        """What becomes of what is due."""
        return RetentionAction.CLEARED if self.blank else RetentionAction.DELETED

    @property
    def what(self) -> str:
        """The table."""
        return str(self.model._meta.db_table)

    @property
    def id(self) -> UUID:
        """What events and timers know the rule by."""
        return uuid5(NAMESPACE_OID, f"linli retention {self.name}")


@dataclass(frozen=True)
class KeptForGood:
    """Columns that no rule reaches, and why: what ends them, or which law keeps them. 不设期限。

    Without `columns` the rows as such are meant, which point to a person. `reason` is "English. 中文。".
    """

    name: str
    model: type[Model]
    reason: str
    columns: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_name(self.name)
        if not self.reason.strip():
            raise ValueError(f"{self.name}: say why it is kept")

    @property
    def what(self) -> str:
        """The table."""
        return str(self.model._meta.db_table)


Retention: TypeAlias = RetentionRule | KeptForGood


def check_name(name: str) -> None:
    """Raise ValueError unless this can be the name of a rule."""
    if not NAME.fullmatch(name):
        raise ValueError(f"retention rule {name!r}: expected <plugin>.<thing> in lower case")
