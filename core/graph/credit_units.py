"""Units and firms by their unified social credit code: one valid unit for each code in a district. 统一社会信用代码。

The code stands in the attributes of an organisation (GB 32100-2015); `core.0009_homes` indexes it there, so that every
way of writing an organisation is found by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..errors import RejectedError, text
from ..records.store import current_store
from ..records.unit_of_work import current_client
from .locks import hold_code

CREDIT_CODE = "creditCode"
_IDS = "SELECT id FROM core_org_node WHERE {code} AND valid_to IS NULL ORDER BY depth, id"
BY_CODE = {
    "sqlite": _IDS.format(code="json_extract(attributes, '$.creditCode') = ?1"),
    "postgres": _IDS.format(code="attributes ->> 'creditCode' = $1"),
}
"""Spelled as the index is, which is what leads to it."""


async def ids_by_credit_code(code: str) -> list[UUID]:
    """The valid organisations with this code; more than one only where they had it before this was asked."""
    _, rows = await current_client().execute_query(BY_CODE[current_store().dialect], [code])
    return [UUID(str(row["id"])) for row in rows]


async def check_credit_code_free(attributes: Mapping[str, Any], but: UUID | None = None) -> None:
    """Refuse a code that another valid unit has (CREDIT_CODE_IN_USE), and keep others from taking it meanwhile."""
    code = attributes.get(CREDIT_CODE)
    if code is None:
        return
    await hold_code(CREDIT_CODE, code)
    if any(id_ != but for id_ in await ids_by_credit_code(code)):
        told = text("The credit code {code} is in use by another unit", code=code)
        raise RejectedError(told, code="CREDIT_CODE_IN_USE", path=("attributes", CREDIT_CODE))
