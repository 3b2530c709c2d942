"""Writing the row of a new organisation together with its first state. 新组织落库。"""

from __future__ import annotations

from functools import cache

from ..records.record import new_id
from ..records.spelling import bound, spelling
from ..records.store import Dialect
from ..records.together import Change, carry_out
from ..records.unit_of_work import current_client, current_unit
from . import rows
from .models import OrgNode
from .states import VALUES

_FIRST = (
    f"INSERT INTO core_org_state (id, node_id, {', '.join(VALUES)}, valid_from) "  # noqa: S608  names of ours
    f"SELECT $1::uuid, n.id, {', '.join(f'n.{column}' for column in VALUES)}, n.valid_from "
    "FROM {node} AS n WHERE n.id = $2::uuid"
)


@cache
def _statements(dialect: Dialect) -> tuple[str, str]:
    """The row, and the state that is valid from when the node is; on PostgreSQL it is read from the part before."""
    inserted = rows.shape(OrgNode).inserted
    if dialect == "sqlite":
        return spelling(inserted, dialect), spelling(_FIRST.format(node="core_org_node"), dialect)
    return f"{inserted} RETURNING id, {', '.join(VALUES)}, valid_from", _FIRST.format(node="part_1")


async def insert(node: OrgNode) -> None:
    """Insert both with one round trip. Raises IntegrityError where the id or the path is taken."""
    dialect = current_unit().store.dialect
    row, state = _statements(dialect)
    values = rows.values_of(node, dialect), bound((new_id(), node.id), dialect)
    # Behind a savepoint, as each row of a sheet is, the unit's own client would wait for the savepoint to end.
    await carry_out(current_client(), dialect, [Change(row, [values[0]]), Change(state, [values[1]])])
    node._saved_in_db = True
