"""The hooks of the GraphQL face."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from linli.core.plugins.markers import hookspec

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from linli.core.districts import District

    from .contributions import GraphQL


@hookspec
def linli_graphql() -> GraphQL:
    """Add root fields, fields of other types, types and error codes to a district's schema. 扩展 GraphQL。

    Called: when a district's schema is composed, for every plugin that is on there.
    Returns: a `GraphQL`; nothing of it appears in the schemas of other districts.
    Failure: the platform does not start, and so it is when two plugins give one name.

    Example::

        @hookimpl
        def linli_graphql() -> GraphQL:
            from linli.plugins.venues.graphql import VenueQuery

            return GraphQL(query=VenueQuery)
    """


@hookspec
def linli_routes(district: District) -> Sequence[BaseRoute]:
    """Add HTTP routes under `/d/<district>/p/<plugin>/`. 扩展 HTTP 路由。

    Called: when the application of a district is made, for every plugin that is on there; `district` is the district.
    Returns: Starlette routes, relative to that path. They are called in the district's scope, after the token was
    looked at as for GraphQL: in `request.state` stand `viewer`, the `language` of the answer, and `ask`, which puts a
    GraphQL operation to the district for that viewer: `await request.state.ask(document, **variables)` is an
    `Answer` with `data` and `errors`. `refused(..)` of linli.schema.http.plugin_routes answers an error like GraphQL's.
    Failure: the platform does not start; what a request fails with is logged and answered with 500.

    Example::

        @hookimpl
        def linli_routes(district: District) -> Sequence[BaseRoute]:
            return [Route("/opening.ics", opening_ics)]
    """
