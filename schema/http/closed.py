"""A store that is not opened: for districts that cannot be served now, and for schemas that nobody queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from linli.core.records.store import Dialect, PoolUsage, StoreClosedError

if TYPE_CHECKING:
    from linli.core.crypto.keyring import Keyring


class ClosedStore:
    """Knows its dialect and refuses every use."""

    def __init__(self, dialect: Dialect, district: str) -> None:
        self.dialect = dialect
        self.key = self.place = district
        self.keyring: Keyring | None = None

    def _refuse(self) -> NoReturn:
        raise StoreClosedError(f"the database of district {self.key} is not open")

    @property
    def reader(self) -> NoReturn:
        """Refused."""
        self._refuse()

    @property
    def usage(self) -> PoolUsage:
        """Nothing is open."""
        return PoolUsage(self.key, 0, 0, 0)

    async def stamp(self) -> NoReturn:
        """Refused."""
        self._refuse()

    async def begin(self) -> NoReturn:
        """Refused."""
        self._refuse()

    def is_transient(self, _error: BaseException) -> bool:
        """Trying again does not open it."""
        return False

    async def close(self) -> None:
        """There is nothing to close."""
