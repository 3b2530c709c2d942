"""A district's keys: derived from the master keys, so that any process opens what another one encrypted. 密钥环。"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache

from .masters import Masters
from .suites import Suite, TamperedError, by_cipher

_ENCRYPTED = re.compile(r"([A-Z0-9-]+):([a-z][a-z0-9]{0,15}\.[0-9]{1,9}):([A-Za-z0-9_-]+=*)")
HASH_CHARACTERS = 32


def looks_encrypted(stored: str) -> bool:
    """Whether a text has the shape of an encrypted value."""
    return _ENCRYPTED.fullmatch(stored) is not None


@dataclass(frozen=True)
class Epoch:
    """A span during which a district's values are encrypted under one key: rotation begins the next. 密钥期。"""

    number: int
    master: str
    suite: Suite

    @property
    def key_id(self) -> str:
        """What a value says of its key: `k1.3`, the master key and the epoch."""
        return f"{self.master}.{self.number}"


class Keyring:
    """Encrypts and decrypts the values of one district.

    An encrypted value is text, `cipher:master.epoch:base64`, and names all it takes to open it except the secret. It
    is bound to its place, a column and a row: moved to another one it does not open. Keys are derived by the
    database's random identity and the epoch, so that districts cannot read each other's values, and none is written
    down.
    """

    def __init__(self, identity: str, masters: Masters, epochs: tuple[Epoch, ...]) -> None:
        """`epochs` are those whose values are still about, the present one last."""
        if not epochs:
            raise ValueError("a keyring needs an epoch")
        self.identity = identity
        self.epochs = epochs
        self.masters = masters
        self._derived = lru_cache(maxsize=64)(self._derive)

    @property
    def present(self) -> Epoch:
        """The epoch under which values are stored now."""
        return self.epochs[-1]

    def with_epochs(self, epochs: tuple[Epoch, ...]) -> Keyring:
        """The same district's keys in other epochs."""
        return Keyring(self.identity, self.masters, epochs)

    def encrypt(self, plain: str, bound: str) -> str:
        """Encrypt a text for the place `bound`, such as `core_person.phone` and the id of a row."""
        epoch = self.present
        key = self._derived(epoch.suite, epoch.key_id, "values")
        stored = epoch.suite.encrypt(key, plain.encode(), bound.encode())
        return f"{self.mark}{base64.urlsafe_b64encode(stored).decode()}"

    def decrypt(self, stored: str, bound: str) -> str:
        """The text that was encrypted. Raises TamperedError, UnknownSuiteError, MasterKeyError."""
        match = _ENCRYPTED.fullmatch(stored)
        if match is None:
            raise TamperedError(f"{bound}: what is stored is not an encrypted value")
        suite = by_cipher(match.group(1))
        try:
            raw = base64.urlsafe_b64decode(match.group(3))
        except binascii.Error as error:
            raise TamperedError(f"{bound}: what is stored is not an encrypted value") from error
        try:
            return suite.decrypt(self._derived(suite, match.group(2), "values"), raw, bound.encode()).decode()
        except TamperedError as error:
            raise TamperedError(f"{bound}: {error}") from error

    @property
    def mark(self) -> str:
        """How every value begins that is encrypted under the present key."""
        return f"{self.present.suite.cipher}:{self.present.key_id}:"

    def blind(self, plain: str, bound: str) -> str:
        """What equal values have in common, for an index: it tells nothing without the key. 盲索引。"""
        return self._blind(self.present, plain, bound)

    def blinds(self, plain: str, bound: str) -> tuple[str, ...]:
        """The blind index of a value under every epoch whose values are still about."""
        return tuple(self._blind(epoch, plain, bound) for epoch in self.epochs)

    def _blind(self, epoch: Epoch, plain: str, bound: str) -> str:
        key = self._derived(epoch.suite, epoch.key_id, "index")
        hashed = epoch.suite.keyed_hash(key, f"{bound}|{plain}".encode())
        return f"{epoch.key_id}:{hashed.hex()[:HASH_CHARACTERS]}"

    def _derive(self, suite: Suite, key_id: str, purpose: str) -> bytes:
        master = key_id.partition(".")[0]
        return suite.derive(self.masters.secret(master), f"linli 1|{self.identity}|{key_id}|{purpose}")
