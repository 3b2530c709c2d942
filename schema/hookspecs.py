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

    Called: when the application of a district is made, for every plugin that is on there.
    Returns: Starlette routes, relative to that path; the viewer stands in `request.state.viewer`.
    Failure: the platform does not start.

    Example::

        @hookimpl
        def linli_routes(district: District) -> Sequence[BaseRoute]:
            return [Route("/opening.ics", opening_ics)]
    """
