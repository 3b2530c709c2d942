"""Checkpoints: the end of a chain noted down where whoever could change the database cannot reach. 审计检查点。"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from . import digest
from .store import current_store
from .unit_of_work import current_client
from .verify_findings import Anchor

FORMAT = "linli-checkpoint-1"
KEYS = frozenset({"format", "district", "sequence", "chain", "suite", "at", "hash"})
BATCH = 1000
_EXPORTED = (
    f"SELECT {', '.join((*digest.ENVELOPE, 'chain'))} FROM core_event "  # noqa: S608  names of ours
    f"WHERE sequence > {{place}} ORDER BY sequence LIMIT {BATCH}"
)


class CheckpointError(ValueError):
    """A file is no checkpoint, or was changed since it was written."""


@dataclass(frozen=True)
class Checkpoint:
    """The newest event of a district at an instant: `suite` is the hash of that event and of the file."""

    district: str
    anchor: Anchor
    suite: str
    at: datetime

    def written(self) -> str:
        """The file: JSON whose `hash` is that of the rest as canonical JSON, so that a slip of the pen is told."""
        told = self._told()
        return orjson.dumps({**told, "hash": _hash(told)}, option=orjson.OPT_INDENT_2).decode() + "\n"

    def _told(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "district": self.district,
            "sequence": self.anchor.sequence,
            "chain": self.anchor.chain,
            "suite": self.suite,
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
        }


def _hash(told: Mapping[str, Any]) -> str:
    return digest.hash_text(str(told["suite"]), digest.canonical(told))


def read(text: str) -> Checkpoint:
    """The checkpoint that a file holds. Raises CheckpointError."""
    try:
        told = orjson.loads(text)
        if not isinstance(told, dict) or told.keys() != KEYS or told["format"] != FORMAT:
            raise CheckpointError("it is not a checkpoint that this version reads")
        if told.pop("hash") != _hash(told):
            raise CheckpointError("it was changed since it was written")
        anchor = Anchor(int(told["sequence"]), str(told["chain"]))
        return Checkpoint(str(told["district"]), anchor, told["suite"], datetime.fromisoformat(told["at"]))
    except CheckpointError:
        raise
    except (ValueError, TypeError) as error:
        raise CheckpointError("it is not a checkpoint that this version reads") from error


async def suite_at(sequence: int) -> str:
    """The hash of the sealed event at a place of the chain."""
    place = "?" if current_store().dialect == "sqlite" else "$1"
    statement = f"SELECT suite FROM core_event WHERE sequence = {place}"  # noqa: S608  a place for a value
    (row,) = await current_client().execute_query_dict(statement, [sequence])
    return str(row["suite"])


async def exported() -> AsyncIterator[str]:
    """The chain as lines of JSON, without any payload: what was hashed for each event, with which hash, the outcome."""
    statement = _EXPORTED.format(place="?" if current_store().dialect == "sqlite" else "$1")
    after = 0
    while rows := await current_client().execute_query_dict(statement, [after]):
        for row in rows:
            told = {"suite": row["suite"], "envelope": digest.envelope(row), "chain": row["chain"]}
            yield orjson.dumps(told).decode() + "\n"
        after = rows[-1]["sequence"]
