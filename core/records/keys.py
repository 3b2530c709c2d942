"""The keys of a district's database: which epochs its values were encrypted in. 密钥期。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient
from uuid_utils.compat import uuid7

from .. import clock
from ..crypto.keyring import Epoch, Keyring
from ..crypto.masters import MasterKeyError, Masters
from ..crypto.suites import SUITES
from .store import Store, current_store

CHECK = "core_key_epoch.proof"
EPOCHS = "SELECT number, identity, master, suite, proof FROM core_key_epoch WHERE retired_at IS NULL ORDER BY number"
BEGIN = "INSERT INTO core_key_epoch (id, number, identity, master, suite, proof, created_at) VALUES ({places})"


class NoKeysError(RuntimeError):
    """An encrypted value was used where no keys are known: the district was opened without them."""


class WrongMasterKeyError(MasterKeyError):
    """A master key has the right name and is another one."""


@dataclass(frozen=True)
class Custody:
    """What it takes to read and begin a district's epochs: its name, the master keys, the suite for new values."""

    district: str
    masters: Masters
    suite: str


_custody: ContextVar[Custody | None] = ContextVar("linli_custody", default=None)


@contextmanager
def in_custody(custody: Custody) -> Iterator[None]:
    """Let the migrations that run inside encrypt what is there."""
    token = _custody.set(custody)
    try:
        yield
    finally:
        _custody.reset(token)


def current_custody() -> Custody:
    """What the migration that runs may encrypt with."""
    found = _custody.get()
    if found is None:
        raise NoKeysError("this migration encrypts values: run it by `migrate`, which knows the master keys")
    return found


def current_keyring() -> Keyring:
    """The keys of the district that this task has entered."""
    found = current_store().keyring
    if found is None:
        raise NoKeysError("this district was opened without its keys")
    return found


async def read_epochs(client: BaseDBAsyncClient, masters: Masters) -> Keyring | None:
    """The keys as the database names them, each proved; None before the first epoch. Raises MasterKeyError."""
    rows = await client.execute_query_dict(EPOCHS)
    return proved(rows, masters) if rows else None


def proved(rows: Sequence[Mapping[str, Any]], masters: Masters) -> Keyring:
    """The keys of epochs given as their rows are. Raises MasterKeyError."""
    kept = [(Epoch(row["number"], row["master"], SUITES[row["suite"]]), row["proof"]) for row in rows]
    ring = Keyring(rows[0]["identity"], masters, tuple(epoch for epoch, _ in kept))
    for epoch, proof in kept:
        if _proof(ring, epoch) != proof:
            raise WrongMasterKeyError(
                f"the master key {epoch.master!r} is not the one that encrypted this district's values:"
                " bring the right one back"
            )
    return ring


def _proof(ring: Keyring, epoch: Epoch) -> str:
    return ring.with_epochs((epoch,)).blind("", CHECK)


async def ensure_epoch(client: BaseDBAsyncClient, custody: Custody) -> Keyring:
    """The keys of a database; its first epoch is begun where there is none."""
    return await read_epochs(client, custody.masters) or await begin_epoch(client, custody)


async def begin_epoch(client: BaseDBAsyncClient, custody: Custody, last: Keyring | None = None) -> Keyring:
    """Begin the epoch after `last` under the newest master key and the custody's suite; the keys of all of them."""
    number = last.present.number + 1 if last else 1
    epoch = Epoch(number, custody.masters.newest(), SUITES[custody.suite])
    earlier = last.epochs if last else ()
    ring = Keyring(last.identity if last else str(uuid4()), custody.masters, (*earlier, epoch))
    values = [uuid7(), number, ring.identity, epoch.master, custody.suite, _proof(ring, epoch), clock.now()]
    await insert(client, BEGIN, values)
    return ring


async def insert(client: BaseDBAsyncClient, statement: str, values: list[Any]) -> None:
    """Run a statement with as many places as values, on either engine, outside any model."""
    sqlite = client.capabilities.dialect == "sqlite"
    places = ", ".join("?" if sqlite else f"${place}" for place in range(1, len(values) + 1))
    await client.execute_query(statement.format(places=places), [_plain(value, sqlite=sqlite) for value in values])


def _plain(value: Any, *, sqlite: bool) -> Any:
    return str(value) if sqlite and isinstance(value, UUID) else value


async def load(store: Store, custody: Custody) -> None:
    """Give a store the keys that its database names. Raises NoKeysError where no migration has made any."""
    store.keyring = await read_epochs(store.reader, custody.masters)
    if store.keyring is None:
        raise NoKeysError(f"{custody.district} has no keys: run `linli migrate --district {custody.district}`")


async def refresh(store: Store) -> None:
    """Take notice of epochs that another process began or retired since."""
    known = store.keyring
    if known is None:
        return
    found = await read_epochs(store.reader, known.masters)
    if found is not None and found.epochs != known.epochs:
        store.keyring = found
