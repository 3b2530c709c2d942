"""Small projects of core and two plugins, written to a folder of their own and imported from there."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

from linli.core.records.migrations import AppMigrations, make

FIELDS = '''
"""Field classes of the project's own."""

from typing import Any

from tortoise import fields
from tortoise.fields.base import Field


class Text(Field[str], str):
    """Text in the order of its code points."""

    SQL_TYPE = "TEXT"

    class _db_postgres:
        SQL_TYPE = 'TEXT COLLATE "C"'


class Instant(fields.DatetimeField):
    """A point in time."""


class Minutes(fields.IntField):
    """Has an argument of its own."""

    def __init__(self, unit: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit = unit
'''

HEAD = """
from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from linli.core.records.indexes import OrderIndex

from {root}.fields import Instant, Minutes, Text

"""

CORE = """
class Person(Model):
    id = fields.UUIDField(primary_key=True)
    name = Text()
    born = fields.IntField(null=True)

    class Meta:
        table = "core_person"
"""

VENUES = """
class Venue(Model):
    id = fields.UUIDField(primary_key=True)
    name = Text()
    owner = fields.ForeignKeyField("core.Person", related_name=False, on_delete=fields.RESTRICT)

    class Meta:
        table = "venues_venue"
"""

POINTS = """
class Award(Model):
    id = fields.UUIDField(primary_key=True)
    minutes = fields.IntField()
    person = fields.ForeignKeyField("core.Person", related_name=False, on_delete=fields.RESTRICT)
    venue = fields.ForeignKeyField("venues.Venue", related_name=False, on_delete=fields.RESTRICT, null=True)

    class Meta:
        table = "volunteer_points_award"
"""

MIGRATION = """
from tortoise import fields, migrations
from tortoise.fields import RESTRICT
from tortoise.migrations import operations as ops
from linli.core.records.migrations import RunDialectSQL


{before}
class Migration(migrations.Migration):
    dependencies = {dependencies!r}
    operations = [
{operations}
    ]
"""

DEPENDS_ON = {"core": (), "venues": ("core",), "volunteer_points": ("core", "venues")}


class Project:
    """Packages `<root>.<label>` with models and migrations that a test writes and changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = f"project_{uuid4().hex[:12]}"
        self._write("__init__.py", "")
        self._write("fields.py", FIELDS)

    def models(self, label: str, text: str) -> None:
        """Write the models of one app."""
        self._write(f"{label}/__init__.py", "")
        self._write(f"{label}/models.py", HEAD.format(root=self.root) + dedent(text))

    def bundle(self) -> Project:
        """Write core, venues and volunteer_points with their first migrations."""
        for label, text in {"core": CORE, "venues": VENUES, "volunteer_points": POINTS}.items():
            self.models(label, text)
            assert self.make(label, "initial")
        return self

    def copy_of(self, other: Project) -> Project:
        """Take over all files of another project."""
        source = other.folder / other.root
        for path in sorted(source.glob("**/*.py")):
            copied = self.folder / self.root / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_text(path.read_text(encoding="utf-8").replace(other.root, self.root), encoding="utf-8")
        self.forget()
        return self

    def migration(
        self, label: str, name: str, operations: str, *, dependencies: Iterable[tuple[str, str]] = (), before: str = ""
    ) -> None:
        """Write a migration by hand; `before` is code that stands before the class."""
        self._write(f"{label}/migrations/__init__.py", "")
        text = MIGRATION.format(dependencies=list(dependencies), operations=operations, before=dedent(before))
        self._write(f"{label}/migrations/{name}.py", text)

    def app(self, label: str) -> AppMigrations:
        """One app."""
        package = f"{self.root}.{label}"
        return AppMigrations(label, f"{package}.models", f"{package}.migrations", DEPENDS_ON.get(label, ()), "1.2.3")

    def apps(self, *labels: str) -> tuple[AppMigrations, ...]:
        """The apps of these labels; all that were written when none is named."""
        return tuple(self.app(label) for label in labels or self.labels())

    def labels(self) -> list[str]:
        """The apps that were written."""
        return sorted(path.parent.name for path in (self.folder / self.root).glob("*/models.py"))

    def make(self, label: str, name: str) -> str | None:
        """Make a migration; the text of its file, or None."""
        path = make(self.apps(), label, name)
        return path.read_text(encoding="utf-8") if path else None

    def _write(self, name: str, text: str) -> None:
        path = self.folder / self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.forget()

    def forget(self) -> None:
        """Let everything be imported anew."""
        for module in [module for module in sys.modules if module.startswith(self.root)]:
            del sys.modules[module]
        for folder in [folder for folder in sys.path_importer_cache if folder.startswith(str(self.folder))]:
            del sys.path_importer_cache[folder]
