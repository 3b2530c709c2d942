"""A store whose units of work are parts of a migrator's transaction: what they write is kept with it or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.backends.base.client import TransactionalDBClient

from ..store import Dialect, PoolUsage
from .session import Session

if TYPE_CHECKING:
    from ...crypto.keyring import Keyring


class JoinedTransaction:
    """Ends when the migrator's transaction does; a failure in it undoes that."""

    committed = False

    def __init__(self, client: TransactionalDBClient) -> None:
        self.client = client

    async def commit(self) -> None:
        """Left to the migrator."""

    async def rollback(self) -> None:
        """Left to the migrator, which the failure reaches."""


class JoinedStore:
    """A district's database as a session in a transaction sees it; the session belongs to the migrator."""

    def __init__(self, session: Session, dialect: Dialect, key: str) -> None:
        self.dialect = dialect
        self.key = self.place = key
        self.keyring: Keyring | None = None  # what is exported stays encrypted
        self.reader = session.client

    @property
    def usage(self) -> PoolUsage:
        """One session, which is in use."""
        return PoolUsage(self.key, 1, 1, 0)

    async def stamp(self) -> int:
        """Nobody's answers are kept meanwhile."""
        raise NotImplementedError("a migrator's session knows no viewers")

    async def begin(self) -> JoinedTransaction:
        """Join the transaction that is open."""
        return JoinedTransaction(self.reader)

    def is_transient(self, _error: BaseException) -> bool:
        """A part cannot be done again by itself."""
        return False

    async def close(self) -> None:
        """The session is the migrator's."""
