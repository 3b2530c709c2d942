"""The vocabulary of the graph: which kinds of organisation and of relation there are, and what may join what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from ..errors import invalid
from .attributes import Attributes, NoAttributes

CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
CORE = "core"


class Cardinality(StrEnum):
    """How many relations of one kind may be valid at once at either end. 基数。

    MANY_TO_ONE: a source has one target; ONE_TO_MANY: a target has one source.
    """

    MANY_TO_MANY = "MANY_TO_MANY"
    MANY_TO_ONE = "MANY_TO_ONE"
    ONE_TO_MANY = "ONE_TO_MANY"
    ONE_TO_ONE = "ONE_TO_ONE"

    @property
    def one_target(self) -> bool:
        """Whether a source has at most one target at a time."""
        return self in (Cardinality.MANY_TO_ONE, Cardinality.ONE_TO_ONE)

    @property
    def one_source(self) -> bool:
        """Whether a target has at most one source at a time."""
        return self in (Cardinality.ONE_TO_MANY, Cardinality.ONE_TO_ONE)


@dataclass(frozen=True, kw_only=True)
class OrgKind:
    """A kind of organisation. 组织类型。

    `parents` are the codes of the kinds it may stand under. `code_digits` is given for administrative levels: how
    many leading digits of a 12-digit division code belong to it (统计用区划代码). `plugin` is who registers it.
    """

    code: str
    title_en: str
    title_zh: str
    parents: frozenset[str]
    code_digits: int | None = None
    attributes: type[Attributes] = NoAttributes
    plugin: str = CORE

    @property
    def administrative(self) -> bool:
        """Whether it is a level of the administrative divisions. 行政区划层级。"""
        return self.code_digits is not None


@dataclass(frozen=True, kw_only=True)
class RelationKind:
    """A kind of relation from a source to a target. 关系类型。

    `sources` and `targets` are codes of organisation kinds, None for all. `acyclic` refuses a relation that would
    lead back to its source.
    """

    code: str
    title_en: str
    title_zh: str
    sources: frozenset[str] | None
    targets: frozenset[str] | None
    cardinality: Cardinality = Cardinality.MANY_TO_MANY
    acyclic: bool = False
    attributes: type[Attributes] = NoAttributes
    plugin: str = CORE


KindT = TypeVar("KindT", OrgKind, RelationKind)


class Kinds:
    """The kinds that somebody may use: all that are installed, or those of a district by `enabled`. 类型登记表。

    `root_kind` is the kind of the one node without a parent. Raises ValueError for a kind that two plugins define,
    a name that is no SCREAMING_CASE, and a reference to a kind that nobody defines.
    """

    def __init__(
        self, orgs: Iterable[OrgKind], relations: Iterable[RelationKind] = (), *, root_kind: str = "DISTRICT"
    ) -> None:
        self.orgs: Mapping[str, OrgKind] = _by_code(orgs)
        self.relations: Mapping[str, RelationKind] = _by_code(relations)
        self.root_kind = root_kind
        self._check_known("root_kind", frozenset({root_kind}))
        for kind in self.orgs.values():
            self._check_known(f"{kind.plugin}: parents of {kind.code}", kind.parents)
        for relation in self.relations.values():
            self._check_known(f"{relation.plugin}: sources of {relation.code}", relation.sources or frozenset())
            self._check_known(f"{relation.plugin}: targets of {relation.code}", relation.targets or frozenset())

    def enabled(self, plugins: Collection[str], *, root_kind: str | None = None) -> Kinds:
        """The kinds of core and of these plugins only; what refers to a kind that is off loses that reference."""
        on = {CORE, *plugins}
        orgs = [kind for kind in self.orgs.values() if kind.plugin in on]
        relations = [kind for kind in self.relations.values() if kind.plugin in on]
        view = Kinds.__new__(Kinds)
        view.orgs, view.relations = _by_code(orgs), _by_code(relations)
        view.root_kind = root_kind or self.root_kind
        view._check_known("root_kind", frozenset({view.root_kind}))
        return view

    def org(self, code: str, *, path: str = "kind") -> OrgKind:
        """The organisation kind of this code; ValidationError (KIND_UNKNOWN) where there is none."""
        return _look_up(self.orgs, code, path)

    def relation(self, code: str, *, path: str = "kind") -> RelationKind:
        """The relation kind of this code; ValidationError (KIND_UNKNOWN) where there is none."""
        return _look_up(self.relations, code, path)

    def parents(self, kind: OrgKind) -> frozenset[str]:
        """The kinds that are on here and under which this kind may stand."""
        return kind.parents & self.orgs.keys()

    def _check_known(self, where: str, codes: frozenset[str]) -> None:
        for code in sorted(codes - self.orgs.keys()):
            raise ValueError(f"{where}: there is no organisation kind {code!r}{_nearest(code, self.orgs)}")


def _by_code(kinds: Iterable[KindT]) -> Mapping[str, KindT]:
    found: dict[str, KindT] = {}
    for kind in kinds:
        if not CODE.fullmatch(kind.code):
            raise ValueError(f"{kind.plugin}: the kind {kind.code!r} is no name such as 'MICRO_GRID'")
        other = found.setdefault(kind.code, kind)
        if other is not kind:
            raise ValueError(f"the kind {kind.code!r} is defined by {other.plugin!r} and by {kind.plugin!r}")
    return MappingProxyType(found)


def _look_up(kinds: Mapping[str, KindT], code: str, path: str) -> KindT:
    if code not in kinds:
        raise invalid(
            path,
            "KIND_UNKNOWN",
            "There is no kind {found}; there are: {allowed}",
            found=code,
            allowed=", ".join(kinds),
        )
    return kinds[code]


def _nearest(code: str, known: Iterable[str]) -> str:
    near = get_close_matches(code, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""
