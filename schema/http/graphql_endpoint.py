"""The GraphQL endpoint of one district."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import ExitStack, nullcontext
from functools import cached_property

import orjson
from graphql import FieldNode, OperationDefinitionNode
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from linli.core.config import ServerConfiguration
from linli.core.districts import District
from linli.core.errors import text
from linli.core.languages import negotiate
from linli.core.records.failures import Failure

from ..compose import DistrictSchema
from ..context import Context
from ..execution import Answer, Executor, Request, is_mutation, is_subscription, refusal
from ..limits.patience import Patience
from ..observing.operations import Seen, watched
from ..places import FullError
from ..problems import ProblemError, bad_request, failed
from ..subscriptions.streams import Streams
from .authentication import origin, subscriber, viewer
from .event_stream import EventStream
from .graphiql import page as graphiql_page
from .graphql_request import (
    JSON_TYPE,
    RESPONSE_TYPE,
    BadRequestError,
    accepts_stream,
    media_type,
    read,
    takes_nothing_but_stream,
)
from .room import Room

KEY_LENGTH = 255
TOO_MANY = 429
CLIENT_GONE = 499
"""What the log says of a request that nobody waits for any more, as nginx has it."""


class GraphQLEndpoint:
    """Answers GraphQL over HTTP for one district; browsers that ask for a page get GraphiQL."""

    def __init__(self, district: District, schema: DistrictSchema, server: ServerConfiguration, room: Room) -> None:
        self.district, self.schema = district, schema
        self.executor = Executor(schema, introspection=server.introspection)
        self.streams = Streams(district, self.executor, server.max_seconds)
        self._server, self._room = server, room

    @cached_property
    def digest(self) -> str:
        """What tells one schema from another, for clients that keep what they made of it."""
        return hashlib.sha256(self.schema.as_str().encode()).hexdigest()[:16]

    async def handle(self, request: HttpRequest) -> Response:
        """Answer one request."""
        if self._server.graphiql and request.method == "GET" and _wants_page(request):
            return graphiql_page(request.url.path, self.district.configuration.name)
        accepted, patience = JSON_TYPE, Patience(self.executor.limits, self._server.max_seconds)
        language = negotiate(request.headers.get("accept-language"), self.district.configuration.language)
        try:
            stream = accepts_stream(request)
            accepted = JSON_TYPE if takes_nothing_but_stream(request) else media_type(request)
            asked = await read(request, self._server.max_body_bytes)
            if stream and self._asks_for_stream(request, asked):
                return await self._stream(request, asked, language)
            async with patience.limit:  # from here on, however long the body took to arrive
                patience.begin()
                answer = await self._watched(request, asked, language, patience)
                return _response(answer, accepted, self._told(answer))
        except BadRequestError as error:
            told = refusal(language, bad_request(error.message))
            return _json(told, accepted, error.status, error.headers)
        except Exception as error:  # a database that fails before the operation begins, for one
            if isinstance(error, TimeoutError) and patience.over:
                return _json(refusal(language, patience.problem), accepted, CLIENT_GONE if patience.gone else 503)
            problem = failed(error, self.district.key)
            status = 503 if (problem.extensions or {})["code"] in set(Failure) else 500
            return _json(refusal(language, problem), accepted, status)

    def _asks_for_stream(self, request: HttpRequest, asked: Request) -> bool:
        """Whether the answer is a stream: to a subscription, and where nothing else is accepted."""
        operation = self.executor.prepare(asked.query).operation(asked.operation_name)
        return takes_nothing_but_stream(request) or (operation is not None and is_subscription(operation))

    async def _stream(self, request: HttpRequest, asked: Request, language: str) -> Response:
        """The answers to a subscription as server-sent events; that to anything else as a stream of one."""
        operation = self.executor.prepare(asked.query).operation(asked.operation_name)
        if operation is None or not is_subscription(operation):
            alone = Patience(self.executor.limits, self._server.max_seconds)
            return EventStream(_only(await self._watched(request, asked, language, alone)), language, self._patience)
        try:
            by = await subscriber(request, self.district, language=language)
        except ProblemError as error:
            return _json(refusal(language, error), JSON_TYPE, 401)
        leaving = ExitStack()
        try:
            leaving.enter_context(self._room.of("address", by.origin.address))
            leaving.enter_context(self._room.of("account", by.viewer.account_id))
        except FullError:
            leaving.close()
            raise BadRequestError(429, text("There are too many subscriptions from here")) from None
        return EventStream(self.streams.open(asked, by), language, self._patience, leaving)

    @property
    def _patience(self) -> float:
        return self._server.slow_client_seconds

    def _told(self, answer: Answer) -> dict[str, str]:
        """Which executor answered, for whoever develops: where GraphiQL is shown too."""
        return {"Linli-Executor": answer.executor} if self._server.graphiql and not answer.refused else {}

    async def _watched(self, request: HttpRequest, asked: Request, language: str, patience: Patience) -> Answer:
        operation = self.executor.prepare(asked.query).operation(asked.operation_name)
        waiting = operation is not None and not is_mutation(operation)  # what changes something is brought to its end
        with (
            watched(self.district.key, operation, asked.query, self._server.slow_ms) as seen,
            patience.statements(seen.tally),
            patience.while_waited_for(request) if waiting else nullcontext(),
        ):
            try:
                answer = await self._answer(request, asked, language, operation, seen)
            except BadRequestError:
                seen.outcome = "refused"
                raise
            seen.answered(answer)
            return answer

    async def _answer(
        self,
        request: HttpRequest,
        asked: Request,
        language: str,
        operation: OperationDefinitionNode | None,
        seen: Seen,
    ) -> Answer:
        if operation is not None and is_mutation(operation) and request.method == "GET":
            raise BadRequestError(405, text("Mutations need POST"), {"Allow": "POST"})
        with self.district.scope():
            try:
                asking = await viewer(request, self.district)
                seen.trusted = not asking.anonymous
                key = idempotency_key(request)
                if key is not None and operation is not None and not _single(operation):
                    raise ProblemError("VALIDATION", text("Idempotency-Key goes with one mutation; else use requestId"))
                by = origin(request)
                with self.executor.admission.of(asking, by.address):
                    context = Context(self.district, self.schema, asking, language, key, asked.query, by)
                    return await self.executor.execute(asked, context)
            except ProblemError as error:
                return refusal(language, error)


async def _only(answer: Answer) -> AsyncGenerator[Answer]:
    yield answer


def _wants_page(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("accept", "") and "query" not in request.query_params


def _single(operation: OperationDefinitionNode) -> bool:
    """Whether a header can stand for the request: it asks for one root field, or changes nothing."""
    selections = operation.selection_set.selections
    return not is_mutation(operation) or (len(selections) == 1 and isinstance(selections[0], FieldNode))


def idempotency_key(request: HttpRequest) -> str | None:
    """The header Idempotency-Key. Raises ProblemError VALIDATION."""
    key = request.headers.get("idempotency-key")
    if key is not None and not (1 <= len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise ProblemError("VALIDATION", text("Idempotency-Key takes 1 to 255 printable ASCII characters"))
    return key


def _status(answer: Answer, accepted: str) -> int:
    codes = {error.get("extensions", {}).get("code") for error in answer.errors}
    if answer.refused and codes & {"UNAUTHENTICATED", "TOKEN_EXPIRED"}:
        return 401
    if codes & set(Failure) and _nothing(answer):
        return 503  # there is nothing in it: proxies and monitors shall see so
    if answer.refused and "RATE_LIMITED" in codes:
        return TOO_MANY
    return 400 if answer.refused and accepted == RESPONSE_TYPE else 200


def _nothing(answer: Answer) -> bool:
    """Whether no field was answered."""
    data = answer.data
    return data is None or (isinstance(data, dict) and all(value is None for value in data.values()))


def _response(answer: Answer, accepted: str, told: dict[str, str]) -> Response:
    status = _status(answer, accepted)
    return _json(answer, accepted, status, told | (_retry_after(answer) if status == TOO_MANY else {}))


def _retry_after(answer: Answer) -> dict[str, str]:
    return {"Retry-After": str(answer.errors[0]["extensions"]["retryAfterSeconds"])}


def _json(answer: Answer, accepted: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(answer.body()), status, headers=headers, media_type=f"{accepted}; charset=utf-8")
