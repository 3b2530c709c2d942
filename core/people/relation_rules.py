"""When one person may be another's guardian, next of kin or proxy, and how long. 人员关系规则。

Pure functions. Guardians: Civil Code art. 26-39 (监护). Proxies: Civil Code art. 161-174 (代理).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from ..calendar.ages import LeapBirthday, age, birthday
from ..calendar.zones import local_instant
from ..errors import FieldProblem, RejectedError, text
from ..graph.spans import Span

MAJORITY = 18
"""From this age on one is an adult, and can be a guardian (Civil Code art. 17)."""

CHILD = 14
"""Younger ones agree to nothing themselves: a guardian does (PIPL art. 31)."""

MOST_AREAS = 20


class PersonRelationKind(StrEnum):
    """What the relative is to the person. 关系类型。"""

    GUARDIAN = "GUARDIAN"  # 监护人
    NEXT_OF_KIN = "NEXT_OF_KIN"  # 近亲属
    PROXY = "PROXY"  # 委托代理人


class PersonRelationState(StrEnum):
    """Where a relation stands. 关系状态。"""

    CLAIMED = "CLAIMED"  # 待核实
    CONFIRMED = "CONFIRMED"  # 已核实
    REFUSED = "REFUSED"  # 不予确认
    ENDED = "ENDED"  # 已终止


class GuardianBasis(StrEnum):
    """Why somebody has a guardian. 监护依据。"""

    MINOR = "MINOR"  # 未成年人的监护 (art. 27)
    COURT = "COURT"  # 指定监护 (art. 28, 31, 36)
    AGREEMENT = "AGREEMENT"  # 协议监护、意定监护 (art. 30, 33)


@dataclass(frozen=True)
class Claim:
    """What somebody states: `relative` is to `person` what `kind` says, for a span."""

    kind: PersonRelationKind
    person_id: UUID
    relative_id: UUID
    span: Span
    basis: GuardianBasis | None = None
    scope: tuple[str, ...] = ()


@dataclass(frozen=True)
class Majority:
    """By which days somebody comes of age: those of a zone, as the district counts the birthday of a leap day."""

    today: date
    zone: tzinfo
    leap: LeapBirthday = LeapBirthday.FEB28

    @property
    def tomorrow(self) -> datetime:
        """When the next day begins."""
        return datetime.combine(self.today + timedelta(days=1), time(), self.zone)

    def age(self, birth: date, on: date | None = None) -> int:
        """Completed years on a day, today where none is named; 0 before the birth."""
        day = on or self.today
        return 0 if day < birth else age(birth, day, self.leap)

    def reached(self, birth: date, on: date | None = None) -> bool:
        """Whether somebody is an adult on that day."""
        return self.age(birth, on) >= MAJORITY


def problems(claim: Claim, areas: Collection[str]) -> Iterator[FieldProblem]:
    """What is wrong with a claim by itself; `areas` are those in which a proxy can act here."""
    if claim.person_id == claim.relative_id:
        own = claim.kind is PersonRelationKind.GUARDIAN
        code = "GUARDIAN_IS_WARD" if own else "SAME_PERSON"
        told = text("Nobody is the own guardian") if own else text("A relation joins two persons")
        yield FieldProblem("relativeId", code, told)
    if claim.span.empty:
        yield FieldProblem("validTo", "END_BEFORE_START", text("The end lies before the start"))
    if claim.basis is not None and claim.kind is not PersonRelationKind.GUARDIAN:
        yield FieldProblem("basis", "BASIS", text("Only a guardian has a basis"))
    yield from _proxy_problems(claim, areas)


def _proxy_problems(claim: Claim, areas: Collection[str]) -> Iterator[FieldProblem]:
    """A proxy's authority names matters and period (Civil Code art. 165)."""
    if claim.kind is not PersonRelationKind.PROXY:
        if claim.scope:
            yield FieldProblem("scope", "SCOPE", text("Only a proxy has a scope"))
        return
    if not claim.scope:
        yield FieldProblem("scope", "SCOPE_REQUIRED", text("Say in which areas the proxy acts"))
    if claim.span.end is None:
        yield FieldProblem("validTo", "PERIOD_REQUIRED", text("Say until when the proxy acts"))
    if len(claim.scope) > MOST_AREAS:
        yield FieldProblem("scope", "TOO_LONG", text("At most {limit} areas", limit=MOST_AREAS))
    unknown = sorted(set(claim.scope) - set(areas))
    if unknown:
        allowed = ", ".join(sorted(areas))
        yield FieldProblem(
            "scope", "SCOPE_UNKNOWN", text("Areas in which a proxy acts here: {allowed}", allowed=allowed)
        )


def check_guardian(
    majority: Majority, ward: date | None, guardian: date | None, basis: GuardianBasis | None, start: date
) -> GuardianBasis:
    """The basis of a guardianship between people with these dates of birth that begins on a day.

    It is MINOR where none is stated for a minor (Civil Code art. 27). Raises RejectedError BIRTH_DATE_UNKNOWN,
    GUARDIAN_UNDER_AGE (art. 17), GUARDIAN_BASIS for an adult without COURT or AGREEMENT (art. 28, 33).
    """
    if ward is None or guardian is None:
        told = text("The dates of birth of both must be known before one is the other's guardian")
        raise RejectedError(told, code="BIRTH_DATE_UNKNOWN", path=("personId" if ward is None else "relativeId",))
    day = max(start, majority.today)
    if not majority.reached(guardian, day):
        raise RejectedError(text("A guardian is an adult"), code="GUARDIAN_UNDER_AGE", path=("relativeId",))
    adult = majority.reached(ward, day)
    if adult and basis in (None, GuardianBasis.MINOR):
        told = text("An adult has a guardian by a court's decision or by agreement alone: COURT or AGREEMENT")
        raise RejectedError(told, code="GUARDIAN_BASIS", path=("basis",))
    return basis or GuardianBasis.MINOR


def lasting(span: Span, basis: str | None, ward: date | None, majority: Majority) -> Span:
    """The time in which a guardian acts: a minor's one until the 18th birthday (Civil Code art. 39, domain R5)."""
    if basis != GuardianBasis.MINOR or ward is None:
        return span
    adult = birthday(ward, ward.year + MAJORITY, majority.leap)
    return span.shared(Span(None, local_instant(adult, time.min, majority.zone)))


@dataclass(frozen=True)
class Edge:
    """That `guardian` acts for `ward` for a span."""

    ward: UUID
    guardian: UUID
    span: Span


def closes_loop(edges: Iterable[Edge], new: Edge) -> bool:
    """Whether with a new edge there is an instant at which somebody is, over others, the own guardian."""
    above: dict[UUID, list[Edge]] = {}
    for edge in edges:
        above.setdefault(edge.ward, []).append(edge)
    waiting: list[tuple[UUID, Span, frozenset[UUID]]] = [(new.guardian, new.span, frozenset([new.guardian]))]
    while waiting:
        here, span, passed = waiting.pop()
        if span.empty:
            continue
        if here == new.ward:
            return True
        ways = (edge for edge in above.get(here, ()) if edge.guardian not in passed)
        waiting += [(way.guardian, span.shared(way.span), passed | {way.guardian}) for way in ways]
    return False
