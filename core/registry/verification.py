"""Saying of values that they were looked at and are right: the time when each was last verified. 信息核实。"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from .. import clock
from ..records import events
from ..records.provenance import TracedRecord, check_fields, verified
from . import refusals
from .event_types import FIELDS_VERIFIED, FieldsVerified
from .writing import printable

LONGEST_EVIDENCE = 200


async def verify_fields(
    row: TracedRecord, subject_type: str, fields: Sequence[str], evidence: str, org_id: UUID | None
) -> None:
    """Keep that these fields of a record are right, and by what it was seen; `evidence` names nobody.

    The values stay as they are, and so does their source. Raises ValidationError FIELD_UNKNOWN, NOTHING, TEXT.
    """
    told = evidence.strip()
    refusals.settle(printable("evidence", told, LONGEST_EVIDENCE))
    check_fields(type(row), fields)
    chosen = tuple(dict.fromkeys(fields))
    held = await type(row).filter(id=row.id).select_for_update(no_key=True).get()
    changed = {"provenance": verified(held, chosen), "version": held.version + 1, "updated_at": clock.now()}
    await type(row).filter(id=row.id).update(**changed)
    row.update_from_dict(changed)
    payload = FieldsVerified(fields=chosen, evidence=told)
    await events.append(FIELDS_VERIFIED, subject_type, row.id, payload, org_id=org_id)
