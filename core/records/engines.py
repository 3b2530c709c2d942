"""Both engines in one process: what Tortoise fixes for one dialect follows the district instead. 双引擎。

Tortoise keeps with each model the query that its queries begin with, the filters and the columns' conversions, and with
each connection's name the statements that insert and update; all made for the dialect of the default connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections
from tortoise.models import MetaInfo, Model

from .store import Dialect, current_dialect

FIXED = ("basequery", "basequery_all_fields", "filters", "db_native_fields", "db_default_fields", "db_complex_fields")
_SLOTS = {name: getattr(MetaInfo, name) for name in FIXED}

_second: Dialect | None = None
_of_second: dict[MetaInfo, dict[str, Any]] = {}


def _following(name: str) -> property:
    slot = _SLOTS[name]

    def value(meta: MetaInfo) -> Any:
        return _of_second[meta][name] if current_dialect() == _second else slot.__get__(meta)

    return property(value)


class FollowingMeta(MetaInfo):
    """What Tortoise knows of a model, where the district that is entered says in which dialect."""

    __slots__ = ()


for _name in FIXED:
    setattr(FollowingMeta, _name, _following(_name))


class StatementsByEngine(MutableMapping[Any, Any]):
    """Tortoise's statements to insert and update, kept for each dialect by itself."""

    def __init__(self) -> None:
        self._kept: dict[Dialect | None, dict[Any, Any]] = {}

    @property
    def _here(self) -> dict[Any, Any]:
        return self._kept.setdefault(current_dialect(), {})

    def __getitem__(self, key: Any) -> Any:
        return self._here[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._here[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._here[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._here)

    def __len__(self) -> int:
        return len(self._here)


def follow(models: Iterable[type[Model]], dialect: Dialect, client: BaseDBAsyncClient) -> None:
    """Teach models that stand for one dialect a second one too; `client` speaks that."""
    global _second  # noqa: PLW0603  as Tortoise's registry is
    _second = dialect
    token = get_connections().set("default", client)
    try:
        for model in models:
            _of_second[model._meta] = _made_for(model, client)
            model._meta.__class__ = FollowingMeta
    finally:
        get_connections().reset(token)


def forget() -> None:
    """Let every model stand for one dialect again; it is made anew for that."""
    for meta in _of_second:
        meta.__class__ = MetaInfo
    _of_second.clear()


def _made_for(model: type[Model], client: BaseDBAsyncClient) -> dict[str, Any]:
    """What Tortoise would have fixed for this client; what it had fixed stays."""
    meta = model._meta
    kept = {name: getattr(meta, name) for name in FIXED}
    try:
        meta.filters = dict(meta.filters)  # those of relations to many are there from the start
        meta.db_native_fields, meta.db_default_fields, meta.db_complex_fields = [], [], []
        meta._generate_filters()
        meta._generate_db_fields()
        begun: Any = client.query_class.from_(meta.basetable)  # Tortoise declares less than it keeps
        meta.basequery, meta.basequery_all_fields = begun, begun.select(*meta.db_fields)
        return {name: getattr(meta, name) for name in FIXED}
    finally:
        for name, value in kept.items():
            setattr(meta, name, value)
