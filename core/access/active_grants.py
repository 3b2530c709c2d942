"""Which grants of an account count now, and where: delegated ones while the original does, successors for what they
succeeded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from .. import clock
from ..graph import sql
from ..graph.core_kinds import SUCCEEDED_BY
from ..graph.paths import depth
from ..graph.spans import VALID_AT
from ..people.relation_rules import Majority
from .acts_for import NOBODY, acts_for
from .models import Account
from .viewer import ActiveGrant, Grants, Viewer

NOW = "$2::timestamptz"
_GRANTS = (
    f"core_grant AS g JOIN core_org_node AS o ON o.id = g.org_id AND (o.valid_to IS NULL OR o.valid_to > {NOW}) "
    "LEFT JOIN core_grant AS d ON d.id = g.delegated_from_id LEFT JOIN core_account AS da ON da.id = d.account_id"
)
_COUNTS = (
    f"{VALID_AT.format(row='g', at=NOW)} "
    f"AND (g.delegated_from_id IS NULL OR ({VALID_AT.format(row='d', at=NOW)} AND da.disabled_at IS NULL))"
)
"""Whether a grant counts at the instant `$2`, as SQL over `_GRANTS`."""

_LINE = (
    "g.id::text || '|' || g.role || '|' || o.path || '|' || COALESCE(da.id::text, '') "
    "|| '|' || COALESCE(da.person_id::text, '')"
)
HELD = (
    f"(SELECT string_agg(line, ';') FROM (SELECT {_LINE} AS line FROM {_GRANTS} "  # noqa: S608  names of ours
    f"WHERE g.account_id = {{account}} AND {_COUNTS} ORDER BY g.id) AS lines) AS held, "
    f"EXISTS (SELECT 1 FROM core_org_relation AS s WHERE s.kind = '{SUCCEEDED_BY}') AS merged"
)
"""The columns `held` and `merged` of a statement: an account's grants as one text, and whether anything succeeded."""

_SPANS = (
    ("g", "core_grant AS g", "g.account_id = {account}.id"),
    ("d", "core_grant AS g JOIN core_grant AS d ON d.id = g.delegated_from_id", "g.account_id = {account}.id"),
    ("o", "core_grant AS g JOIN core_org_node AS o ON o.id = g.org_id", "g.account_id = {account}.id"),
    ("s", "core_org_relation AS s", f"s.kind = '{SUCCEEDED_BY}'"),
    ("k", "core_person_relation AS k", "k.relative_id = {account}.person_id"),
)
_ENDS = " UNION ALL ".join(
    f"SELECT {row}.{end} AS at FROM {tables} WHERE {whose} AND {row}.{end} > {NOW}"  # noqa: S608  names of ours
    for row, tables, whose in _SPANS
    for end in ("valid_from", "valid_to")
)
CHANGES = f"(SELECT MIN(at) FROM ({_ENDS}) AS ends)"  # noqa: S608  names of ours
"""When the next of what counts for an account begins or ends, after the instant `$2`; null where nothing does."""

_OF_ACCOUNT = f"SELECT {HELD.format(account='$1::uuid')}"
_SUCCESSIONS = (
    "SELECT old.path AS old, new.path AS new FROM core_org_relation AS r "  # noqa: S608  names of ours
    "JOIN core_org_node AS old ON old.id = r.source_id JOIN core_org_node AS new ON new.id = r.target_id "
    f"WHERE r.kind = $1::text AND {VALID_AT.format(row='r', at=NOW)}"
)


class KnownGrants:
    """Grants that were understood before, by the text in which the database tells them.

    The database is asked with every request, so nothing here is ever out of date: another grant is another text.
    Grants of roles that no plugin here knows are dormant, and those of `second_factor_roles` for whoever signed in
    without a second factor.
    """

    def __init__(
        self, roles: Mapping[str, frozenset[str]], second_factor_roles: Collection[str] = (), size: int = 4096
    ) -> None:
        self._roles, self._size = roles, size
        self._weak = {name: allowed for name, allowed in roles.items() if name not in second_factor_roles}
        self._known: OrderedDict[tuple[str, bool], Grants] = OrderedDict()

    async def of(self, held: str | None, *, merged: bool, weak: bool = False) -> Grants:
        """The grants that the columns of `HELD` tell; a district without successions is asked nothing more."""
        grants = self._understood(held or "", weak)
        if not merged or all(depth(grant.path) == 0 for grant in grants):
            return grants
        pairs = [(row["old"], row["new"]) for row in await sql.fetch(_SUCCESSIONS, SUCCEEDED_BY, clock.now())]
        return Grants(replace(grant, succeeded=_succeeded(grant.path, pairs)) for grant in grants)

    def _understood(self, held: str, weak: bool) -> Grants:
        known = self._known.get((held, weak))
        if known is None:
            roles = self._weak if weak else self._roles
            fields = [line.split("|") for line in held.split(";") if line]
            known = Grants(_grant(*field, permissions=roles[field[1]]) for field in fields if field[1] in roles)
            self._known[held, weak] = known
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end((held, weak))
        return known


async def viewer_for(account: Account, roles: Mapping[str, frozenset[str]], majority: Majority | None = None) -> Viewer:
    """An account as it would ask now, whatever its tokens; without a `majority` it acts for nobody."""
    [row] = await sql.fetch(_OF_ACCOUNT, account.id, clock.now())
    grants = await KnownGrants(roles).of(row["held"], merged=row["merged"])
    confirmed, person_id = account.person_confirmed, account.person_id
    asked = person_id is not None and confirmed and majority is not None
    acts = await acts_for(person_id, majority) if asked else NOBODY  # type: ignore[arg-type]  # asked just above
    return Viewer(
        account.id,
        account.username,
        person_id,
        grants,
        person_confirmed=confirmed,
        behind=person_id,
        acts=acts,
    )


def _succeeded(path: str, pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What the organisations beneath a path succeeded, and what those had succeeded before."""
    covered: tuple[str, ...] = (path,)
    open_pairs = list(pairs)
    while found := [old for old, new in open_pairs if new.startswith(covered) and not old.startswith(covered)]:
        covered = (*covered, *dict.fromkeys(found))
    return covered[1:]


def _grant(
    grant: str, role: str, path: str, delegator: str, delegator_person: str, *, permissions: frozenset[str]
) -> ActiveGrant:
    return ActiveGrant(
        id=UUID(grant),
        role=role,
        permissions=permissions,
        path=path,
        delegator=UUID(delegator) if delegator else None,
        delegator_person=UUID(delegator_person) if delegator_person else None,
    )
