"""Payloads: whether each is the one that its event binds, and which are erased. 事件内容校验。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..crypto.suites import by_cipher
from ..errors import Text, text
from . import commitments, digest, person_keys
from .verify_erasures import Erasures
from .verify_findings import Finding, FindingKind

Row = Mapping[str, Any]
UNREADABLE = (ValueError, TypeError, LookupError)
"""What opening a payload raises where its row was changed, such as TamperedError and what is no JSON or no map."""

Judged = tuple[FindingKind, Text] | None


class Payloads:
    """Judges the payload of each event of a chain, in order."""

    def __init__(self) -> None:
        self.erasures = Erasures()
        self._secrets: dict[object, bytes] = {}
        self._version = 1

    def take(self, row: Row) -> Iterator[Finding]:
        """What is wrong with the next event's payload."""
        for judged in (self._of_version(row), self._of_payload(row)):
            if judged is not None:
                sequence = row["sequence"] if type(row["sequence"]) is int else None
                yield Finding(judged[0], sequence, str(row["id"]), judged[1])
        self.erasures.take(row)

    def _of_version(self, row: Row) -> Judged:
        """Whoever writes the end of a chain anew could choose the version that binds less. Told once per fall."""
        before, self._version = self._version, commitments.version_of(str(row["digest"]))
        if self._version < before:
            return FindingKind.DOWNGRADED, text("The event is of an older form than the one before it")
        return None

    def _of_payload(self, row: Row) -> Judged:
        if row["payload_id"] is None:
            return FindingKind.PAYLOAD_MISSING, text("The payload is missing, and was not erased")
        if row["erased_at"] is not None:
            return FindingKind.PAYLOAD_CHANGED, text("The payload is marked as erased by itself, which no erasure does")
        try:
            older = commitments.version_of(str(row["digest"])) == 1
            return self._of_the_whole(row) if older else self._of_the_parts(row)
        except UNREADABLE as error:
            return FindingKind.PAYLOAD_UNREADABLE, text("{reason}", reason=str(error))

    def _of_the_parts(self, row: Row) -> Judged:
        """Version 2: the plain values and the person first, also of an erased person; then the person's values."""
        if row["salt"] is None or not _whole(row):
            return _not_whole()
        personal, closed = commitments.parted(str(row["secret"])) if row["secret"] is not None else (None, "")
        payload, salt = str(row["payload"]), str(row["salt"])
        if personal is None:
            payload = digest.opened(row["payload_suite"], payload)
        found = commitments.of_event(
            row["suite"], salt=salt, plain=payload, person_id=row["person_id"], personal=personal
        )
        if found != row["digest"]:
            return _another_digest()
        return None if personal is None else self._of_the_person(row, personal, closed)

    def _of_the_person(self, row: Row, personal: str, closed: str) -> Judged:
        by_cipher(str(row["payload_suite"]))
        if self._claimed(row):
            return None
        salt, told = self._opened(row, closed)
        if commitments.of_person(row["suite"], salt, told) != personal:
            message = text("What the payload tells of a person does not have the event's digest")
            return FindingKind.PAYLOAD_CHANGED, message
        return None

    def _of_the_whole(self, row: Row) -> Judged:
        """Version 1: nothing of a payload whose person was erased can be judged."""
        if not _whole(row) or (row["salt"] is None) is (row["secret"] is None):
            return _not_whole()
        if row["secret"] is None:
            salt, payload = str(row["salt"]), digest.opened(row["payload_suite"], str(row["payload"]))
        else:
            personal, closed = commitments.parted(str(row["secret"]))
            if personal is not None:
                return _another_digest()
            if self._claimed(row):
                return None
            salt, told = self._opened(row, closed)
            payload = digest.canonical({**orjson.loads(str(row["payload"])), **told})
        return None if digest.payload_digest(row["suite"], salt, payload) == row["digest"] else _another_digest()

    def _claimed(self, row: Row) -> bool:
        """Whether the key of the person was destroyed; that it was by an erasure, the chain is to tell."""
        destroyed = row["destroyed_at"] is not None and row["person_secret"] is None
        if destroyed:
            self.erasures.claim(row)
        return destroyed

    def _opened(self, row: Row, closed: str) -> tuple[str, dict[str, Any]]:
        """The salt and the values about a person. Raises one of UNREADABLE."""
        if row["person_secret"] is None:
            raise LookupError("the key of the person whom the payload tells of is missing, and was not destroyed")
        person_id = row["person_id"]
        if person_id not in self._secrets:
            self._secrets[person_id] = person_keys.unwrapped(person_id, row["person_secret"])
        secret = self._secrets[person_id]
        found = person_keys.opened(secret, person_id, row["payload_id"], str(row["payload_suite"]), closed)
        self.erasures.readable(row)
        return found


def _whole(row: Row) -> bool:
    """Whether a payload is all plain, or in part closed under the key of a person."""
    return row["payload"] is not None and (row["person_id"] is None) is (row["secret"] is None)


def _not_whole() -> Judged:
    return FindingKind.PAYLOAD_CHANGED, text("The payload is not whole, and no erasure leaves it so")


def _another_digest() -> Judged:
    return FindingKind.PAYLOAD_CHANGED, text("The payload does not have the event's digest")
