"""One client of graphql-transport-ws: Strawberry's protocol, with our way of knowing who asks and of answering."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing
from datetime import timedelta
from typing import Any

from graphql import GraphQLError
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.unset import UNSET

from linli.core.districts import District
from linli.core.errors import text

from ..execution import Answer, refusal
from ..places import FullError
from ..problems import ProblemError, bad_request
from ..subscriptions.guard import Presence, SubscriptionEndedError
from ..subscriptions.streams import Streams, Subscriber
from .authentication import subscriber
from .graphql_request import BadRequestError, refuse_nul, request_of
from .room import Room
from .socket_messages import Messages

FORBIDDEN = 4403
TOO_MANY = 4429


class _ToldError(GraphQLError):
    """An error as it is sent, however it came about."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["message"])
        self._told = told

    @property
    def formatted(self) -> Any:
        return self._told


class Conversation(BaseGraphQLTransportWSHandler[Any, None]):
    """Says who may subscribe, and answers each subscription from the district's streams.

    `leaving` gives back what the connection takes up; it is to be entered around `handle`.
    """

    def __init__(
        self, district: District, streams: Streams, messages: Messages, room: Room, *, init_wait: timedelta, most: int
    ) -> None:
        everything: Any = self  # the view that is asked who connects, the context, and the schema that streams
        super().__init__(everything, messages, everything, None, everything, init_wait, most)
        self.connection_params: Mapping[str, Any] = {}
        self.leaving = ExitStack()
        self._district, self._streams, self._messages, self._room = district, streams, messages, room
        self._subscriber: Subscriber | None = None
        self._closing: asyncio.Task[None] | None = None

    async def on_ws_connect(self, _context: Any) -> Any:
        """Who connects; ConnectionRejectionError, which closes with 4403, without a token that counts."""
        given = self.connection_params.get("Authorization", self.connection_params.get("authorization"))
        try:
            self._subscriber = await subscriber(
                self._messages.socket, self._district, given if isinstance(given, str) else None
            )
            self.leaving.enter_context(self._room.of("account", self._subscriber.viewer.account_id))
            self._look_after(self._subscriber)
        except ProblemError as refused:
            raise ConnectionRejectionError from refused
        except FullError as full:
            await self._messages.close(TOO_MANY, "Too many connections of this account")
            raise ConnectionRejectionError from full
        return UNSET

    def _look_after(self, by: Subscriber) -> None:
        """Close the connection when its token counts no longer, whether or not anything is subscribed to by it."""
        presence = Presence(by.digest, by.viewer, lambda: self._ended(presence))
        self._streams.guard.admit(presence)
        self.leaving.callback(self._streams.guard.dismiss, presence)

    def _ended(self, presence: Presence) -> None:
        if presence.over is not None and self._closing is None:
            code = str((presence.over.extensions or {})["code"])
            self._closing = asyncio.create_task(self._messages.close(FORBIDDEN, code))

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation; one too many is refused, and told in the client's language."""
        most = self.max_subscriptions_per_connection
        known = self._subscriber
        if known is None or most is None or len(self.operations) < most or message["id"] in self.operations:
            await super().handle_subscribe(message)
            return
        told = text("A connection carries at most {most} subscriptions", most=most)
        errors = refusal(known.language, ProblemError("RATE_LIMITED", told)).errors
        await self._messages.send_json({"id": message["id"], "type": "error", "payload": errors})

    async def stream(
        self, query: str, *, variable_values: Any, operation_name: Any, **_: Any
    ) -> AsyncGenerator[ExecutionResult]:
        """The results of one operation, for Strawberry's protocol to send."""
        assert self._subscriber is not None, "nothing is subscribed to before the connection is acknowledged"
        parts = {"query": query, "variables": variable_values, "operationName": operation_name}
        return self._results(parts, self._subscriber)

    async def _results(self, parts: dict[str, Any], by: Subscriber) -> AsyncGenerator[ExecutionResult]:
        try:
            asked = request_of(parts)
            refuse_nul(asked)
        except BadRequestError as error:
            yield _result(refusal(by.language, bad_request(error.message)))
            return
        async with aclosing(self._streams.open(asked, by)) as answers:
            try:
                async for answer in answers:
                    yield _result(answer)
            except SubscriptionEndedError as ended:
                await self._messages.close(FORBIDDEN, str((ended.problem.extensions or {})["code"]))


def _result(answer: Answer) -> ExecutionResult:
    errors: list[GraphQLError] = [_ToldError(error) for error in answer.errors]
    if answer.refused:
        return PreExecutionError(data=None, errors=errors)
    data: Any = answer.data  # what is JSON already is written as it is
    return ExecutionResult(data=data, errors=errors or None)
