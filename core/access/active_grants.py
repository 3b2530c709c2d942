"""Which grants of an account count now, and where: delegated ones while the original does, successors for what they
succeeded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from .. import clock
from ..graph import sql
from ..graph.core_kinds import SUCCEEDED_BY
from ..graph.paths import depth
from ..graph.spans import VALID_AT
from ..people.relation_rules import Majority
from ..records.fields import Instant
from .acts_for import NOBODY, acts_for
from .models import Account
from .viewer import ActiveGrant, Viewer

NOW = "$2::timestamptz"
GRANT_COLUMNS = (
    "g.id AS grant_id, g.role, g.valid_to, o.path, da.id AS delegator, da.person_id AS delegator_person, "  # noqa: S608
    f"EXISTS (SELECT 1 FROM core_org_relation AS s WHERE s.kind = '{SUCCEEDED_BY}') AS merged"
)
GRANTS = (
    f"(core_grant AS g JOIN core_org_node AS o ON o.id = g.org_id AND (o.valid_to IS NULL OR o.valid_to > {NOW}) "
    "LEFT JOIN core_grant AS d ON d.id = g.delegated_from_id LEFT JOIN core_account AS da ON da.id = d.account_id)"
)
COUNTS = (
    f"{VALID_AT.format(row='g', at=NOW)} "
    f"AND (g.delegated_from_id IS NULL OR ({VALID_AT.format(row='d', at=NOW)} AND da.disabled_at IS NULL))"
)
"""Whether a grant counts at the instant `$2`, as SQL over `GRANTS`; the columns to read are `GRANT_COLUMNS`."""

_OF_ACCOUNT = f"SELECT {GRANT_COLUMNS} FROM {GRANTS} WHERE g.account_id = $1::uuid AND {COUNTS} ORDER BY g.id"  # noqa: S608
_SUCCESSIONS = (
    "SELECT old.path AS old, new.path AS new FROM core_org_relation AS r "  # noqa: S608  names of ours
    "JOIN core_org_node AS old ON old.id = r.source_id JOIN core_org_node AS new ON new.id = r.target_id "
    f"WHERE r.kind = $1::text AND {VALID_AT.format(row='r', at=NOW)}"
)


async def grants_of(rows: Sequence[Mapping[str, Any]], roles: Mapping[str, frozenset[str]]) -> tuple[ActiveGrant, ...]:
    """The grants in these rows of `GRANT_COLUMNS`; those of roles that no plugin here knows are dormant.

    A district without successions, as most are, is asked nothing more.
    """
    grants = tuple(_grant(row, roles) for row in rows if row["role"] in roles)
    if not any(row["merged"] for row in rows) or all(depth(grant.path) == 0 for grant in grants):
        return grants
    pairs = [(row["old"], row["new"]) for row in await sql.fetch(_SUCCESSIONS, SUCCEEDED_BY, clock.now())]
    return tuple(replace(grant, succeeded=_succeeded(grant.path, pairs)) for grant in grants)


async def viewer_for(account: Account, roles: Mapping[str, frozenset[str]], majority: Majority | None = None) -> Viewer:
    """An account as it would ask now, whatever its tokens; without a `majority` it acts for nobody."""
    rows = await sql.fetch(_OF_ACCOUNT, account.id, clock.now())
    grants = await grants_of(rows, roles)
    confirmed = account.person_confirmed
    asked = account.person_id is not None and confirmed and majority is not None
    acts = await acts_for(account.person_id, majority) if asked else NOBODY  # type: ignore[arg-type]  # asked just above
    return Viewer(account.id, account.username, account.person_id, grants, person_confirmed=confirmed, acts=acts)


def _succeeded(path: str, pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What the organisations beneath a path succeeded, and what those had succeeded before."""
    covered: tuple[str, ...] = (path,)
    open_pairs = list(pairs)
    while found := [old for old, new in open_pairs if new.startswith(covered) and not old.startswith(covered)]:
        covered = (*covered, *dict.fromkeys(found))
    return covered[1:]


def _grant(row: Mapping[str, Any], roles: Mapping[str, frozenset[str]]) -> ActiveGrant:
    return ActiveGrant(
        id=as_id(row["grant_id"]),
        role=row["role"],
        permissions=roles[row["role"]],
        path=row["path"],
        valid_to=as_instant(row["valid_to"]),
        delegator=None if row["delegator"] is None else as_id(row["delegator"]),
        delegator_person=None if row["delegator_person"] is None else as_id(row["delegator_person"]),
    )


def as_id(value: UUID | str) -> UUID:
    """An id as a statement written by hand answers it."""
    return value if isinstance(value, UUID) else UUID(value)


def as_instant(value: datetime | str | None) -> datetime | None:
    """An instant as a statement written by hand answers it."""
    return _INSTANT.to_python_value(value)


_INSTANT: Instant[datetime | None] = Instant(null=True)
