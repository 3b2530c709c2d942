"""Who sees a row: declared on its model, applied by everything that reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ANY_AREA = "*"
"""Of `Visible.proxies`: whoever is a proxy in any area."""


@dataclass(frozen=True)
class Reserved:
    """Rows that the places of a row show to holders of another permission alone: those with such a value."""

    column: str
    values: tuple[str, ...]
    permission: str


@dataclass(frozen=True)
class Joined:
    """Rows that are somebody's own because another row joins them to the person.

    `model` is a model of core with the columns `person_id`, `valid_from` and `valid_to`, `key` the look-up from it to
    the id of the row that is shown. It counts while it is valid; and while the record at `during`, a look-up from it,
    is valid too.
    """

    model: str
    key: str
    during: str | None = None


@dataclass(frozen=True)
class Tied:
    """Rows that another row ties to a place, while that is valid: whoever holds `permission` there sees them.

    `model` is a model of core with the columns `valid_from` and `valid_to`, `key` the look-up from it to the id of the
    row that is shown, and `at` the one to the organisation node.
    """

    model: str
    key: str
    at: str
    permission: str


@dataclass(frozen=True)
class Visible:
    """How to get from a row to those who may see it. Without any of the ways nobody does. 可见性。

    `at` maps look-ups from the row to organisation nodes (`""` for a node itself) to the permission that shows the
    row to whoever holds it there or above; `everywhere` are permissions that show every row to whoever holds one at
    the root, also the rows that belong to no node. `tied` are rows of other tables that show the row at a place that is
    not its own. `persons` are look-ups to the id of the person whose own row it is,
    `accounts` to the id of the account; `joined` are rows of other tables that make it so. `public` are column values
    that anybody sees, `{"kind": ("COMMUNITY",)}`; with an empty mapping everybody sees every row. `vocabulary` names
    the columns whose values plugins register: rows of a plugin that is off here are seen by nobody, in no way.
    `reserved` are rows that `at` does not show. `also` are permissions that show the row at the places of `at` as well
    as the one that stands there. Whoever is the guardian of one of the `persons` sees the row as they do; a proxy does
    where `proxies` names the area of permissions that the row belongs to, such as "venues.booking", and the scope holds
    it: without it no proxy does. `owned_while` are column values without which a row is nobody's own,
    `{"state": ("PENDING",)}`. `subject` is a column with the id of a record that the row belongs to: whoever sees that
    sees the row; the district says of which model it is. `only_without` is a column of which rows with a value in it
    are seen by nobody, in no way: another row stands in their place.
    """

    at: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    proxies: str | None = None
    accounts: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()
    tied: tuple[Tied, ...] = ()
    public: Mapping[str, tuple[str, ...]] | None = None
    everywhere: tuple[str, ...] = ()
    vocabulary: Mapping[str, str] = field(default_factory=dict)
    reserved: Reserved | None = None
    owned_while: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subject: str | None = None
    only_without: str | None = None


def of(model: type) -> Visible:
    """The declaration of a model; raises LookupError where its author forgot."""
    found = getattr(model, "visible", None)
    if not isinstance(found, Visible):
        raise LookupError(f"{model.__module__}.{model.__qualname__} declares no `visible = Visible(..)`")
    return found
