"""`POST /graphql/platform`: figures over all districts, for whoever holds the token of `[server] platform_token`."""

from __future__ import annotations

import hmac

import orjson
import strawberry
from graphql import GraphQLError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from strawberry.extensions import MaxTokensLimiter

from linli.core.districts import Platform
from linli.core.errors import text
from linli.core.languages import LANGUAGES, negotiate

from ..execution import Answer, refusal
from ..http.door import Door
from ..http.graphql_request import JSON_TYPE, BadRequestError, media_type, read
from ..http.local import METHODS
from ..problems import ProblemError, bad_request, masked
from .types import Asking, PlatformQuery

PATH = "/graphql/platform"
MAX_TOKENS = 1000


class PlatformEndpoint:
    """Answers operations over all districts."""

    def __init__(self, platform: Platform, doors: list[Door], token: str) -> None:
        self._platform, self._doors, self._token = platform, doors, token
        self._schema = strawberry.Schema(PlatformQuery, extensions=[lambda: MaxTokensLimiter(MAX_TOKENS)])

    @property
    def route(self) -> Route:
        """The route."""
        return Route(PATH, self.handle, methods=METHODS)

    async def handle(self, request: HttpRequest) -> Response:
        """Answer one request; partial results come with an error for each district that gave none."""
        language, accepted = negotiate(request.headers.get("accept-language"), LANGUAGES[0]), JSON_TYPE
        try:
            accepted = media_type(request)
            if request.method != "POST":
                raise BadRequestError(405, text("Use POST"), {"Allow": "POST"})
            if not self._is_known(request):
                told = ProblemError("UNAUTHENTICATED", text("Send Authorization: Bearer <token>"))
                return _json(refusal(language, told), accepted, 401)
            return _json(await self._answer(request, language), accepted, 200)
        except BadRequestError as error:
            return _json(refusal(language, bad_request(error.message)), accepted, error.status)

    def _is_known(self, request: HttpRequest) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        return scheme.lower() == "bearer" and hmac.compare_digest(given, self._token.encode())

    async def _answer(self, request: HttpRequest, language: str) -> Answer:
        asked = await read(request, self._platform.configuration.server.max_body_bytes)
        result = await self._schema.execute(
            asked.query,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            context_value=Asking(self._platform, self._doors),
        )
        errors = [_told(error, language) for error in result.errors or ()]
        return Answer(errors, result.data, refused=bool(errors) and result.data is None)


def _told(error: GraphQLError, language: str) -> dict[str, object]:
    cause = error.original_error
    if isinstance(error, ProblemError) or isinstance(cause, ProblemError):
        found = error if isinstance(error, ProblemError) else cause
        assert isinstance(found, ProblemError), "one of the two is"
        return {**error.formatted, **found.told(language)}
    if cause is not None and error.path is not None:
        return {**error.formatted, **masked(cause, "platform", path=error.path).told(language)}
    return {**error.formatted, "extensions": {"code": "GRAPHQL_VALIDATION"}}


def _json(answer: Answer, accepted: str, status: int) -> Response:
    return Response(orjson.dumps(answer.body()), status, media_type=f"{accepted}; charset=utf-8")
