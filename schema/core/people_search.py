"""People in the search of all kinds: by name, and by whole numbers or their tails. 人员检索。"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q, Subquery

from linli.core.access.tied import TiedTo, tied_at, tied_rows
from linli.core.access.visibility import beneath
from linli.core.graph.beneath import within as in_zones
from linli.core.graph.models import OrgNode
from linli.core.graph.paths import depth, topmost
from linli.core.graph.successions import Zone
from linli.core.people.citizen_id import LENGTH
from linli.core.people.models import Person
from linli.core.records import visible
from linli.core.records.conditions import Unindexed, where
from linli.core.records.encrypted import TAIL_CHARACTERS, blind_tails, blinds

from ..context import Context
from ..declare import personal
from ..declare.node import Node
from ..searching import Found, Searchable, SearchReason, found_by_name
from .people import REVEAL, SEES_NAMES

LEAST_CHARACTERS = 2
SMALL_PLACE = 2
"""From this depth on, that of communities, a place has so few people that they are read rather than all of a name."""

PHONE = re.compile(r"\+?\d{7,20}")
DIVISION = re.compile(r"[1-8]\d{8}(\d{3})?")
"""Codes of communities and streets (GB/T 10114): whoever types one asks for no phone, which would begin with 0."""


@dataclass(frozen=True)
class Number:
    """A text that may be a number of somebody, and the condition that finds them.

    `field` and `operator` are what is told of the search.
    """

    reason: SearchReason
    field: str
    operator: str
    text: str
    rows: Q


def numbers(typed: str) -> Iterator[Number]:
    """As which numbers a text is looked for: whole ones exactly, four characters as the end of one."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    digits = re.sub(r"[ ()-]", "", plain)
    if re.fullmatch(rf"\d{{{LENGTH - 1}}}[\dX]", digits, re.ASCII):
        yield _whole(SearchReason.ID_NUMBER, "id_number", digits)
    elif PHONE.fullmatch(digits) and digits.isascii() and not DIVISION.fullmatch(digits):
        yield _whole(SearchReason.PHONE, "phone", typed, digits)
    if re.fullmatch(rf"\d{{{TAIL_CHARACTERS}}}", plain, re.ASCII):
        yield _ending(SearchReason.PHONE_TAIL, "phone", plain)
    if re.fullmatch(rf"\d{{{TAIL_CHARACTERS - 1}}}[\dX]", plain, re.ASCII):
        yield _ending(SearchReason.ID_NUMBER_TAIL, "id_number", plain)


def _whole(reason: SearchReason, column: str, *ways: str) -> Number:
    kept = [blind for way in dict.fromkeys(ways) for blind in blinds(Person, column, way)]
    return Number(reason, column, "eq", ways[-1], where(f"{column}_index__in", kept))


def _ending(reason: SearchReason, column: str, tail: str) -> Number:
    rows = where(f"{column}_tail__in", list(blind_tails(Person, column, tail)))
    return Number(reason, column, "endsWith", tail, rows)


async def _people(context: Context, text: str, under: OrgNode | None, count: int) -> Sequence[Found]:
    return [*await _by_number(context, text, under, count), *await _by_name(context, text, under, count)]


async def _by_name(context: Context, text: str, under: OrgNode | None, count: int) -> list[Found]:
    within, small = await _where(context, SEES_NAMES, under)
    if within is None or len(text) < LEAST_CHARACTERS:
        return []
    if not small:
        return await found_by_name(Person, text, Q(Unindexed(within), Unindexed(_there())), count)
    return await found_by_name(Person, text, Q(within, Unindexed(_there())), count, leads=True)


async def _by_number(context: Context, text: str, under: OrgNode | None, count: int) -> list[Found]:
    """Each way that rests on the permission to reveal is recorded before the first row is read."""
    asked = list(numbers(text))
    within, _ = await _where(context, REVEAL, under) if asked else (None, False)
    if within is None:
        return []
    node = Node.registry["Person"]
    told = [
        one
        for number in asked
        for one in personal.searches(context, node, number.field, {number.operator: number.text})
    ]
    await context.loaders.recorded(told)
    found: dict[Any, Found] = {}
    for number in asked:
        rows = await Person.filter(Q(number.rows, Unindexed(within), Unindexed(_there()))).order_by("id").limit(count)
        for row in rows:
            found.setdefault(row.id, Found(row, number.reason, number.operator == "eq"))
    return list(found.values())


def _there() -> Q:
    """Who was erased has no name that anybody looks for; who was merged is found as the one who is kept."""
    return Q(where("erased_at", None), where("merged_into", None))


async def _where(context: Context, permission: str, under: OrgNode | None) -> tuple[Q | None, bool]:
    """The people whom the viewer sees and of whom a permission shows what is searched for; None where nobody is.

    One's own person and wards are among them, and whoever holds a home there. Whether they are few, so that they are
    read first, is told beside.
    """
    viewer, sight, lookups = context.viewer, context.district.sight, visible.of(Person).at
    own = sight.own(Person, viewer)
    if under is None and viewer.everywhere(permission) and viewer.everywhere(lookups["habitual_residence"]):
        return Q(), False
    places = {lookup: viewer.subtrees_of_both(seen, permission) for lookup, seen in lookups.items()}
    if under is not None:
        zones = (await context.loaders.successions()).zones(under.path)
        places = {lookup: _cut(paths, zones) for lookup, paths in places.items()}
        own = None if own is None else Q(own, _counted(places, zones))
    ways = [] if not any(places.values()) else [_beneath(places)]
    if under is not None and any(zone.but for zone in zones):
        ways = [Q(way, Unindexed(_counted(places, zones))) for way in ways]
    for tied, paths in sight.tied(Person, viewer, permission):
        if under is None:
            ways.append(TiedTo(tied, paths))
        else:
            rows = tied_rows(tied, Q(tied_at(tied, paths), in_zones(tied.at, zones)))
            ways.append(Q(id__in=Subquery(rows.values(tied.key))))
    ways += [] if own is None else [own]
    small = all(depth(path) >= SMALL_PLACE for paths in places.values() for path in paths)
    return (Q(*ways, join_type=Q.OR) if ways else None), small


def _cut(paths: Sequence[str], zones: Sequence[Zone]) -> tuple[str, ...]:
    """What of these subtrees lies in the zones of a node, without regard to what of those counts elsewhere."""
    found = {zone.path for zone in zones if zone.path.startswith(tuple(paths))}
    return topmost({*found, *(path for path in paths if path.startswith(tuple(zone.path for zone in zones)))})


def _counted(lookups: Iterable[str], zones: Sequence[Zone]) -> Q:
    """The people who count in these zones by one of the look-ups."""
    return Q(*(in_zones(lookup, zones) for lookup in lookups), join_type=Q.OR)


def _beneath(places: dict[str, tuple[str, ...]]) -> Q:
    ways = [beneath(f"{lookup}__", *paths) for lookup, paths in places.items() if paths]
    return Q(*ways, join_type=Q.OR)


PEOPLE = Searchable(
    "PERSON",
    "People: two characters of the name, pinyin or initials, where the viewer reads names in full; the whole phone or "
    "id number or its last four characters, where the viewer may reveal them, which is recorded. "
    "人员：姓名（两字起）、拼音、首字母；有权查看完整信息的，可用电话、公民身份号码全号或末四位（留痕）。",
    _people,
)
