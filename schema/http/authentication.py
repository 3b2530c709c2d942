"""From the Authorization header to the viewer."""

from __future__ import annotations

from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request

from linli.core.access.origin import Origin
from linli.core.access.tokens import TokenRefusedError, digest
from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.counters import TOKEN_REFUSED, counters
from linli.core.districts import District
from linli.core.errors import text
from linli.core.languages import negotiate

from ..problems import ProblemError, unauthenticated
from ..subscriptions.streams import Subscriber


async def viewer(request: Request, district: District) -> Viewer:
    """Who asks; the public without a token. Raises GraphQLError UNAUTHENTICATED or TOKEN_EXPIRED."""
    header = request.headers.get("authorization")
    return PUBLIC if header is None else await known(bearer(header), district)


def bearer(header: str) -> str:
    """The token in the value of an Authorization header. Raises GraphQLError UNAUTHENTICATED."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ProblemError("UNAUTHENTICATED", text("Send Authorization: Bearer <token>"))
    return token.strip()


async def known(token: str, district: District) -> Viewer:
    """The viewer behind a token. Raises GraphQLError UNAUTHENTICATED or TOKEN_EXPIRED."""
    try:
        return await district.viewer_of(token)
    except TokenRefusedError as refused:
        counters.add(TOKEN_REFUSED, district.key)
        raise _refused(refused) from refused


async def subscriber(
    connection: HTTPConnection, district: District, given: str | None = None, language: str | None = None
) -> Subscriber:
    """Who subscribes: by the value of an Authorization header that was `given`, or by the connection's own.

    Raises GraphQLError UNAUTHENTICATED or TOKEN_EXPIRED: nothing is public that one could subscribe to.
    """
    header = given or connection.headers.get("authorization")
    if header is None:
        raise unauthenticated()
    token = bearer(header)
    with district.scope():
        asking = await known(token, district)
    told_in = language or negotiate(connection.headers.get("accept-language"), district.configuration.language)
    return Subscriber(digest(token), asking, told_in, origin(connection))


def origin(request: HTTPConnection) -> Origin:
    """Where a request comes from."""
    address = Origin().address if request.client is None else request.client.host
    return Origin(address, request.headers.get("user-agent", ""))


def _refused(refused: TokenRefusedError) -> GraphQLError:
    if refused.expired:
        return ProblemError("TOKEN_EXPIRED", text("This token has expired: sign in again"))
    return ProblemError("UNAUTHENTICATED", text("This token is not known here"))
