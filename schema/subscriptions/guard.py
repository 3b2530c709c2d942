"""Whether those who follow may still: tokens, sessions and grants of all, in one statement. 订阅权限复核。"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from linli.core import clock
from linli.core.access.tokens import TokenRefusedError, viewers_of
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import text
from linli.core.feed import Feed, Told
from linli.core.tasks import spawn

from ..declare.loaders import Shielded
from ..problems import ProblemError
from .rights import AFTER_THESE

log = structlog.get_logger(__name__)

CHECK_SECONDS = 2.0
"""How often rights are looked at that nothing told of: what ends by its date, or was changed past the events."""
FRESH_SECONDS = 1.0
"""How long what was read for one event serves for those that were there at the time."""


class SubscriptionEndedError(Exception):
    """The subscriber may not go on; `problem` says why."""

    def __init__(self, problem: ProblemError) -> None:
        self.problem = problem
        super().__init__(str(problem))


class Standing:
    """What one subscriber may at present; `wake` is called when that is less than it began with."""

    def __init__(self, digest: str, viewer: Viewer, wake: Callable[[], None]) -> None:
        self.digest, self.viewer = digest, viewer
        self.over: ProblemError | None = None
        self._held = {grant.id for grant in viewer.grants}
        self._wake = wake

    def judge(self, found: Viewer | TokenRefusedError) -> None:
        """Go by what was found in the database now."""
        if isinstance(found, Viewer):
            self.viewer = found
            if self._held - {grant.id for grant in found.grants}:
                told = text("A role by which you subscribed has ended: subscribe again with what you have")
                self.over = self.over or ProblemError("FORBIDDEN", told)
        else:
            self.over = _refused(found)
        if self.over is not None:
            self._wake()

    def require(self) -> Viewer:
        """The viewer; raises SubscriptionEndedError."""
        if self.over is not None:
            raise SubscriptionEndedError(self.over)
        return self.viewer


class Presence(Standing):
    """The standing of a connection without regard to what it subscribes to: over when its token counts no longer."""

    def __init__(self, digest: str, viewer: Viewer, wake: Callable[[], None]) -> None:
        super().__init__(digest, viewer, wake)
        self._held.clear()  # a connection outlives a grant: it may subscribe to what is left


class Guard:
    """Looks after all who follow in a district, while there are some."""

    def __init__(self, district: District, feed: Feed) -> None:
        self._district, self._feed = district, feed
        self._standings: set[Standing] = set()
        self._task: asyncio.Task[None] | None = None
        self._reading: Shielded[str, Viewer | TokenRefusedError] = Shielded(load_fn=self._read, cache=False)

    def admit(self, standing: Standing) -> None:
        """Look after this one."""
        self._standings.add(standing)
        if self._task is None or self._task.done():
            self._task = spawn(self._run, name=f"guard of subscriptions of {self._district.key}")

    def dismiss(self, standing: Standing) -> None:
        """It has gone."""
        self._standings.discard(standing)
        if not self._standings and self._task is not None:
            self._task.cancel()
            self._task = None

    async def renew(self, standing: Standing) -> Viewer:
        """The viewer as the database has it now, together with whoever else asks at this moment.

        Raises SubscriptionEndedError. The district is entered.
        """
        standing.judge(await self._found(standing.digest))
        return standing.require()

    async def now(self, digest: str) -> Viewer:
        """The viewer behind a token now. Raises SubscriptionEndedError. The district is entered."""
        found = await self._found(digest)
        if isinstance(found, TokenRefusedError):
            raise SubscriptionEndedError(_refused(found))
        return found

    async def _found(self, digest: str) -> Viewer | TokenRefusedError:
        try:
            return await self._reading.load(digest)
        except TokenRefusedError as refused:  # loaders raise what is an exception
            return refused

    async def _read(self, digests: list[str]) -> list[Viewer | TokenRefusedError]:
        found = await viewers_of(set(digests), self._district.known_grants, self._district.majority)
        return [found[one] for one in digests]

    async def _run(self) -> None:
        async with self._feed.following(_changes_rights, types=AFTER_THESE) as follower:
            while True:
                try:
                    await follower.take(CHECK_SECONDS)
                    await self._check()
                except Exception as error:  # a database that restarts must not end the looking after
                    log.error("subscriptions_not_checked", district=self._district.key, exc_info=error)
                    await asyncio.sleep(CHECK_SECONDS)

    async def _check(self) -> None:
        standings = list(self._standings)
        if not standings:
            return
        with self._district.scope():
            found = await viewers_of(
                {one.digest for one in standings}, self._district.known_grants, self._district.majority
            )
        for standing in standings:
            standing.judge(found[standing.digest])


def _refused(found: TokenRefusedError) -> ProblemError:
    if found.expired:
        return ProblemError("TOKEN_EXPIRED", text("This token has expired: sign in again"))
    return ProblemError("UNAUTHENTICATED", text("This token counts no longer: sign in again"))


def _changes_rights(told: Told) -> bool:
    return told.event.type in AFTER_THESE


class Fresh:
    """The viewer of a subscriber, read anew for events that came since it was read last."""

    def __init__(self, guard: Guard, standing: Standing) -> None:
        self._guard, self._standing = guard, standing
        self._at = clock.monotonic()

    async def now(self) -> Viewer:
        """As the database has it now."""
        self._at = clock.monotonic()
        return await self._guard.renew(self._standing)

    async def still(self) -> Viewer:
        """As it was read a moment ago, read anew where that was long ago."""
        if clock.monotonic() - self._at > FRESH_SECONDS:
            return await self.now()
        return self._standing.require()
