"""From the Authorization header to the viewer."""

from __future__ import annotations

from graphql import GraphQLError
from starlette.requests import Request

from linli.core.access.origin import Origin
from linli.core.access.tokens import TokenRefusedError, viewer_of
from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.counters import TOKEN_REFUSED, counters
from linli.core.districts import District
from linli.core.errors import text

from ..problems import ProblemError


async def viewer(request: Request, district: District) -> Viewer:
    """Who asks; the public without a token. Raises GraphQLError UNAUTHENTICATED or TOKEN_EXPIRED."""
    header = request.headers.get("authorization")
    if header is None:
        return PUBLIC
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ProblemError("UNAUTHENTICATED", text("Send Authorization: Bearer <token>"))
    try:
        return await viewer_of(token.strip(), district.known_grants, district.majority)
    except TokenRefusedError as refused:
        counters.add(TOKEN_REFUSED, district.key)
        raise _refused(refused) from refused


def origin(request: Request) -> Origin:
    """Where a request comes from."""
    address = Origin().address if request.client is None else request.client.host
    return Origin(address, request.headers.get("user-agent", ""))


def _refused(refused: TokenRefusedError) -> GraphQLError:
    if refused.expired:
        return ProblemError("TOKEN_EXPIRED", text("This token has expired: sign in again"))
    return ProblemError("UNAUTHENTICATED", text("This token is not known here"))
