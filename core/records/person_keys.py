"""A key per person for the values of events: whoever destroys it erases them, in copies too. 个人密钥。"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from tortoise.expressions import Q

from .. import clock
from ..crypto.suites import TamperedError, by_cipher
from ..errors import RejectedError, text
from . import digest
from .encrypted import bound_to, encrypt
from .keys import current_keyring, insert
from .models import PersonKey
from .unit_of_work import current_client, current_unit

SECRET_BYTES = 32
NEW = "INSERT INTO core_person_key (id, secret, created_at) VALUES ({places}) ON CONFLICT (id) DO NOTHING"
PLACE = "core_person_key.secret"
TOLD_BY = "core.person_erased"
"""The event that tells of an erasure; its subject is the person. What is erased without it was destroyed by others."""


class PersonErasedError(RejectedError):
    """The person was erased: nothing is kept of them any more."""

    code = "PERSON_ERASED"


async def secret_of(person_id: UUID) -> bytes:
    """A person's key, made when it is first wanted; needs a unit of work. Raises PersonErasedError."""
    current_unit()  # raises where there is none
    found = await PersonKey.get_or_none(id=person_id)
    if found is None:
        made = encrypt(PersonKey, "secret", base64.b64encode(os.urandom(SECRET_BYTES)).decode(), person_id)
        assert made is not None
        # somebody else may make it at the same moment: theirs counts then
        await insert(current_client(), NEW, [person_id, made.stored, clock.now()])
        found = await PersonKey.get(id=person_id)
    if found.secret is None:
        raise PersonErasedError(text("This person was erased"))
    return _raw(found.secret.decrypt())


async def destroy(person_id: UUID) -> None:
    """Destroy a person's key in the open unit of work, and let no other be made; once is enough.

    Whatever stands beside it: a key that somebody only marked as destroyed goes as well.
    """
    current_unit()  # raises where there is none
    await insert(current_client(), NEW, [person_id, None, clock.now()])
    left = Q(destroyed_at=None) | Q(secret__isnull=False)
    await PersonKey.filter(left, id=person_id).update(secret=None, destroyed_at=clock.now())


def closed(secret: bytes, person_id: UUID, event_id: UUID, salt: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """The values about a person and the salt, encrypted for one event: the suite's name, and base64."""
    suite = current_keyring().present.suite
    plain = digest.canonical({"salt": salt, "values": dict(values)})
    made = suite.encrypt(suite.derive(secret, _purpose(person_id)), plain.encode(), _bound(event_id))
    return suite.cipher, base64.b64encode(made).decode()


def opened(secret: bytes, person_id: object, event_id: object, cipher: str, kept: str) -> tuple[str, dict[str, Any]]:
    """The salt and the values again. Raises TamperedError, UnknownSuiteError."""
    suite = by_cipher(cipher)
    plain = suite.decrypt(suite.derive(secret, _purpose(person_id)), _raw(kept), _bound(event_id))
    found = orjson.loads(plain)
    return found["salt"], found["values"]


def unwrapped(person_id: object, stored: str) -> bytes:
    """A person's key from its column. Raises TamperedError, MasterKeyError."""
    return _raw(current_keyring().decrypt(stored, bound_to(PLACE, person_id)))


def _raw(kept: str) -> bytes:
    try:
        raw = base64.b64decode(kept, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TamperedError("what is kept is not base64") from error
    if base64.b64encode(raw).decode() != kept:  # the last letter has bits that count for nothing
        raise TamperedError("what is kept is not the base64 that was written")
    return raw


def _purpose(person_id: object) -> str:
    return f"linli person 1|{person_id}"


def _bound(event_id: object) -> bytes:
    return f"core_event_payload.secret|{event_id}".encode()
