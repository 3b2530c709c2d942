"""The search of core: organisations, and the field that asks for all kinds at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from tortoise.expressions import Q

from linli.core.errors import invalid
from linli.core.graph.models import OrgNode
from linli.core.graph.paths import subtree_range
from linli.core.graph.spans import valid_now
from linli.core.records.conditions import Unindexed

from ..context import Context, Info
from ..searching import Found, Searchable, SearchHit, SearchReason, found_by_name
from .lookups import seen

LONGEST_TEXT, DEFAULT, MOST = 100, 20, 200
NO_SIGNS = ("Cc", "Cs")
"""Control characters and halves of surrogates, which no name has and no database takes."""

_RANKS = {reason: rank for rank, reason in enumerate(SearchReason)}


async def _organisations(context: Context, text: str, under: OrgNode | None, count: int) -> Sequence[Found]:
    narrowed = [context.sees(OrgNode), Unindexed(valid_now())]
    if under is not None:
        low, high = subtree_range(under.path)
        # who sees only the name of one is not told where it stands
        placed = context.district.sight.condition(OrgNode, context.viewer, column="path")
        narrowed += [Unindexed(Q(path__gte=low, path__lt=high)), Unindexed(placed)]
    return await found_by_name(OrgNode, text, Q(*narrowed), count, code=True)


ORGANISATIONS = Searchable(
    "ORGANISATION", "Organisations, by name, pinyin, initials or code. 组织：名称、拼音、首字母或代码。", _organisations
)


def _check(typed: str) -> None:
    if not 1 <= len(typed) <= LONGEST_TEXT:
        raise invalid("text", "LENGTH", "1 to {most} characters", most=LONGEST_TEXT)
    if any(unicodedata.category(sign) in NO_SIGNS for sign in typed):
        raise invalid("text", "CONTROL_CHARACTERS", "A search has no control characters")
    if len(typed) == 1 and unicodedata.normalize("NFKC", typed).isascii() and typed.isalnum():
        raise invalid("text", "TOO_SHORT", "A search has two letters or digits, or one Chinese character, at least")


async def search(
    _root: Any,
    info: Info,
    text: str,
    kinds: list[str] | None = None,
    under: str | None = None,
    first: int | None = None,
) -> list[SearchHit]:
    """What begins with a text: exact ones first, then by how they were found, then as each kind orders them."""
    context, typed, count = info.context, text.strip(), DEFAULT if first is None else first
    _check(typed)
    if not 1 <= count <= MOST:
        raise invalid("first", "OUT_OF_RANGE", "Between 1 and {limit}", limit=MOST)
    place = None if under is None else await seen(context, OrgNode, under, "under")
    wanted = None if kinds is None else {str(kind) for kind in kinds}
    hits: list[tuple[int, int, SearchHit]] = []
    for kind in context.schema.searchables:
        if wanted is None or kind.code in wanted:
            for found in await kind.find(context, typed, place, count):
                hit = SearchHit(kind=kind.code, reason=found.reason, record=found.record)  # type: ignore[arg-type]
                hits.append((not found.exact, _RANKS[found.reason], hit))
    return [hit for *_, hit in sorted(hits, key=lambda it: it[:2])[:count]]
