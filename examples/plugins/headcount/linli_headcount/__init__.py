"""Headcount: how many people live in a community. 人数统计。"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linli.core import Plugin, Title, hookimpl

if TYPE_CHECKING:
    from linli.schema import GraphQL

plugin = Plugin(
    name="headcount",
    title=Title(en="Headcount", zh="人数统计"),
    description="Tells how many people live in a place. 统计常住人数。",
    version="0.1.0",
    requires=">=0.1,<0.2",
)


@hookimpl
def linli_graphql() -> GraphQL:
    """A field of every organisation."""
    from linli.schema import GraphQL  # noqa: PLC0415  a district without it never loads it

    from .graphql import HeadcountOnOrgNode  # noqa: PLC0415

    return GraphQL(extend={"OrgNode": HeadcountOnOrgNode})
