"""From an operation to a stream of answers: one for each event that concerns the subscriber and that it sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial

import orjson

from linli.core.access.asked import asking
from linli.core.access.origin import Origin
from linli.core.access.viewer import Viewer
from linli.core.access.visibility import Sight
from linli.core.districts import District
from linli.core.errors import text
from linli.core.feed import Feed, Follower, Told

from ..context import Context
from ..execution import Answer, Executor, Request, Subscribed, is_subscription, refusal
from ..problems import ProblemError, masked, too_slow
from .guard import Fresh, Guard, Standing, SubscriptionEndedError
from .rights import AFTER_THESE
from .shared import SharedEvent
from .sharing import Sharing, shared_by
from .source import Source, Watch

PATIENCE_SECONDS = 60.0
"""How long one waits for events at a time; nothing depends on it."""


@dataclass(frozen=True)
class Subscriber:
    """Who subscribes: by which token, known by its digest, and how it is answered."""

    digest: str
    viewer: Viewer
    language: str
    origin: Origin = field(default_factory=Origin)


class Streams:
    """The subscriptions of one district in this process. One answer takes `max_seconds` at most."""

    def __init__(self, district: District, executor: Executor, max_seconds: int) -> None:
        self.district, self.executor, self.max_seconds = district, executor, max_seconds
        self.feed = Feed(district.store, AFTER_THESE)
        self.guard = Guard(district, self.feed)
        self.sharing = Sharing(self.feed)

    async def open(self, asked: Request, by: Subscriber) -> AsyncGenerator[Answer]:
        """The answers to a subscription, until the caller closes this or the subscriber may not go on.

        What is refused is answered once. Raises SubscriptionEndedError where it ends before the caller does.
        """
        refused = self._refused(asked, by)
        if refused is not None:
            yield self.executor.told(refused)
            return
        try:
            async with aclosing(_Subscription(self, asked, await self._as_now(by)).answers()) as answers:
                async for answer in answers:
                    yield answer
        except SubscriptionEndedError:
            raise
        except Exception as error:  # what nobody foresaw, or a database that restarts: it is resumed by `after`
            yield refusal(by.language, masked(error, self.district.key))

    async def _as_now(self, by: Subscriber) -> Subscriber:
        """Who subscribes, with what they may now: a connection may have been opened long ago."""
        with self.district.scope():
            return replace(by, viewer=await self.guard.now(by.digest))

    def _refused(self, asked: Request, by: Subscriber) -> Answer | None:
        prepared = self.executor.prepare(asked.query)
        if prepared.errors:
            return refusal(by.language, *prepared.errors)
        operation = prepared.operation(asked.operation_name)
        if operation is None or not is_subscription(operation):
            told = text("Only subscriptions are taken here; send queries and mutations by POST")
            return refusal(by.language, ProblemError("BAD_REQUEST", told))
        try:
            self.executor.admission.count(by.viewer, by.origin.address)
        except ProblemError as problem:
            return refusal(by.language, problem)
        return None


class _Subscription:
    """One subscription while it lasts."""

    def __init__(self, streams: Streams, asked: Request, by: Subscriber) -> None:
        self._streams, self._asked, self._by = streams, asked, by
        self._district, self._executor = streams.district, streams.executor

    async def answers(self) -> AsyncGenerator[Answer]:
        """The answers; the district is entered for each step and never across one."""
        with self._district.scope():
            context = self._context(self._by.viewer, origin=self._by.origin)
            begun = await self._executor.subscribe(self._asked, context)
        if isinstance(begun, Answer):
            yield self._executor.told(begun)
            return
        source = begun.source
        looking = _Looking(source, self._district.sight, self._by.viewer)
        types = None if source.types is None else source.types | AFTER_THESE
        async with (
            self._streams.feed.following(looking.wants, after=source.after, types=types) as follower,
            aclosing(self._followed(begun, looking, follower)) as answers,
        ):
            async for answer in answers:
                yield answer

    async def _followed(self, begun: Subscribed, looking: _Looking, follower: Follower) -> AsyncGenerator[Answer]:
        guard, standing = self._streams.guard, Standing(self._by.digest, self._by.viewer, follower.interrupt)
        fresh, shared_as = Fresh(guard, standing), shared_by(begun.source.answer, self._asked, self._by.language)
        guard.admit(standing)
        try:
            if begun.source.watch is not None:
                async with aclosing(self._watched(begun, begun.source.watch, fresh, follower)) as answers:
                    async for answer in answers:
                        yield answer
                return
            while True:
                taken = await follower.take(PATIENCE_SECONDS)
                standing.require()
                if taken:
                    with self._district.scope():
                        looking.know(await fresh.now())
                for told in taken:
                    told_of = await self._answer(begun, shared_as, fresh, told)
                    if told_of is not None:
                        yield told_of
        finally:
            guard.dismiss(standing)

    async def _watched(
        self, begun: Subscribed, watch: Watch, fresh: Fresh, follower: Follower
    ) -> AsyncGenerator[Answer]:
        """What is found by looking, until there is no more to find."""
        over = False
        while not over:
            answer, over = await self._looked(begun, watch, fresh)
            if answer is not None:
                yield answer
            if not over:
                await follower.take(watch.every)

    async def _looked(self, begun: Subscribed, watch: Watch, fresh: Fresh) -> tuple[Answer | None, bool]:
        limit = asyncio.timeout(self._streams.max_seconds)
        try:
            with self._district.scope():
                async with limit:
                    context = self._context(await fresh.still())
                    looked = await watch.look(context)
                    if looked.value is None:
                        return None, looked.over
                    answer = await self._executor.deliver(begun, context, looked.value)
                    return _written(self._executor.told(answer)), looked.over
        except TimeoutError:
            if not limit.expired():
                raise
            return refusal(self._by.language, too_slow(self._streams.max_seconds)), False

    async def _answer(self, begun: Subscribed, shared_as: Hashable, fresh: Fresh, told: Told) -> Answer | None:
        """What is sent of one event to a viewer who is known anew; of those who are answered alike one is asked."""
        limit = asyncio.timeout(self._streams.max_seconds)
        try:
            with self._district.scope():
                async with limit:
                    viewer, event = await fresh.still(), await self._streams.sharing.of(told)
                    make = partial(self._made, begun, event)
                    if shared_as is None:
                        return await make(viewer)
                    return await event.alike((shared_as, viewer.grants.reach)).answer(viewer, make)
        except TimeoutError:
            if not limit.expired():
                raise
            return refusal(self._by.language, too_slow(self._streams.max_seconds))

    async def _made(self, begun: Subscribed, event: SharedEvent, viewer: Viewer) -> Answer | None:
        """An answer as it is sent; loaders, and all else that a request remembers, are new with each."""
        context = self._context(viewer, event)
        value = await begun.source.answer(context, event.told)
        if value is None:
            return None
        return _written(self._executor.told(await self._executor.deliver(begun, context, value)))

    def _context(self, viewer: Viewer, event: SharedEvent | None = None, origin: Origin | None = None) -> Context:
        """Where many are answered at once, nobody's address plays a part."""
        return Context(
            self._district,
            self._executor.schema,
            viewer,
            self._by.language,
            operation=self._asked.query,
            origin=origin or Origin(),
            shared=None if event is None else event.rows,
        )


def _written(answer: Answer) -> Answer:
    """The answer with its data as JSON already, for all to whom it is sent."""
    return answer if answer.data is None else replace(answer, data=orjson.Fragment(orjson.dumps(answer.data)))


class _Looking:
    """Which events have to be looked at by this subscriber, as far as memory tells."""

    def __init__(self, source: Source, sight: Sight, viewer: Viewer) -> None:
        self._source, self._sight, self._viewer = source, sight, viewer
        self._changed = True

    def know(self, viewer: Viewer) -> None:
        """This is the viewer, read after all events that `wants` was asked about."""
        self._viewer, self._changed = viewer, False

    def wants(self, told: Told) -> bool:
        """Whether to look at an event. After one that may have changed rights, the viewer known is not relied on."""
        if told.event.type in AFTER_THESE:
            self._changed = True
        if not self._source.may_concern(told):
            return False
        if self._changed or self._source.seen is None:
            return True
        return self._seen(told) is not False

    def _seen(self, told: Told) -> bool | None:
        """What memory tells, once for all who may do the same, where nothing else was asked of the viewer."""
        judge, key = self._source.seen, (self._source.seen, self._viewer.grants.reach)
        assert judge is not None, "asked only where there is one"
        if key in told.judged:
            return told.judged[key]
        noting, asked = asking(self._viewer)
        seen = judge(self._sight, noting, told)
        if not asked:
            told.judged[key] = seen
        return seen
