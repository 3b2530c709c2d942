"""The first page of a subtree, in a small district and in a large one: it must not matter how much there is. 分页。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from linli.core.clock import monotonic

from . import people, trees
from .deployments import CODE, Deployment, deployed
from .engines import Engine, engines, say
from .processes import linli, run, serving
from .sizes import Size
from .tables import Table, milliseconds, ratios, spread
from .wire import Connection, WrongAnswerError, body, connections

SMALL = 200
WARM = 5

_PAGE = "nodes { id kind code name } pageInfo { hasNextPage endCursor }"
_BY_CODE = "orderBy: [{field: CODE, direction: ASC}]"
_OF_KIND = "filter: {kind: {eq: MICRO_GRID}}"
_COMMUNITY = f"{CODE[:6]}001001"


@dataclass(frozen=True)
class Question:
    """A page that is asked for: what it is called, the organisation, and the list beneath it."""

    title: str
    code: str
    asked: str

    @property
    def document(self) -> str:
        """The operation."""
        return f'{{ org(code: "{self.code}") {{ page: {self.asked} {{ {_PAGE} }} }} }}'


QUESTIONS = (
    Question("all beneath the root, by name", CODE, "descendants(first: 20)"),
    Question("the same by code", CODE, f"descendants(first: 20, {_BY_CODE})"),
    Question("all micro-grids beneath the root", CODE, f"descendants(first: 20, {_OF_KIND})"),
    Question("the next page, by name", CODE, "descendants(first: 20, after: $after)"),
    Question("all beneath a community of 99 nodes", _COMMUNITY, "descendants(first: 20)"),
    Question("the children of a community", _COMMUNITY, "children(first: 9)"),
)
