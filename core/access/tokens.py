"""Opaque access tokens: only their hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from .. import clock
from ..graph import sql
from ..people.relation_rules import Majority
from ..records.fields import Instant
from ..records.store import current_store
from ..records.unit_of_work import current_unit
from .active_grants import CHANGES, HELD, NOW, KnownGrants
from .acts_for import ACTS, ACTS_COLUMNS, NOBODY, acts_of
from .models import Token
from .viewer import ActiveGrant, Grants, Viewer

PREFIX = "linli_"


class TokenRefusedError(Exception):
    """The token is unknown, revoked, of a disabled account, or (`expired`) no longer valid."""

    def __init__(self, *, expired: bool) -> None:
        self.expired = expired
        super().__init__("token expired" if expired else "token unknown")


def digest(token: str) -> str:
    """What is kept of a token: SHA-256, hex. Its 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Narrowed:
    """What a service token allows at most: these permissions, None for all that its account has, beneath a node."""

    permissions: tuple[str, ...] | None = None
    org_id: UUID | None = None


async def issue(
    account_id: UUID,
    expires_at: datetime | None = None,
    *,
    session_id: UUID | None = None,
    narrowed: Narrowed = Narrowed(),
) -> str:
    """Make a token for an account and return it, this once; needs a unit of work."""
    current_unit()
    token = PREFIX + secrets.token_urlsafe(32)
    await Token.create(
        account_id=account_id,
        digest=digest(token),
        expires_at=expires_at,
        session_id=session_id,
        permissions=None if narrowed.permissions is None else " ".join(narrowed.permissions),
        org_id=narrowed.org_id,
    )
    return token


_OF_TOKENS = (
    "SELECT t.digest, t.expires_at, t.revoked_at, t.session_id, t.permissions, t.org_id, "  # noqa: S608  ours
    "n.path AS within, n.valid_to AS within_until, "
    f"s.ended_at, s.second_factor, a.id, a.username, a.person_id, a.person_confirmed, a.disabled_at, {ACTS_COLUMNS}, "
    f"{HELD.format(account='a.id')} FROM core_token AS t JOIN core_account AS a ON a.id = t.account_id "
    "LEFT JOIN core_session AS s ON s.id = t.session_id "
    f"LEFT JOIN core_org_node AS n ON n.id = t.org_id AND (n.valid_to IS NULL OR n.valid_to > {NOW}) "
    f"{ACTS}WHERE t.digest "
)
"""Tokens with their accounts and the grants that count; a row for each person for whom somebody acts."""
_KEPT = f"(SELECT number FROM core_access_stamp) AS stamp, {CHANGES.format(account='a')} AS until, "  # noqa: S608  ours
_BEHIND = _OF_TOKENS.replace("SELECT ", f"SELECT {_KEPT}", 1) + "= $1::text"
"""One token, with how often something was changed, and when something next changes by itself."""
_BEHIND_EACH = {
    "postgres": f"{_OF_TOKENS}= ANY($1::text[])",
    "sqlite": f"{_OF_TOKENS}IN (SELECT value FROM json_each($1))",  # noqa: S608  ours
}


@dataclass(frozen=True, slots=True)
class Found:
    """A viewer, what had been changed until then, and until when it is the same if nothing else is changed."""

    viewer: Viewer
    stamp: int
    until: datetime | None


async def find(token: str, known: KnownGrants, majority: Majority | None = None) -> Found:
    """The viewer behind a token with the grants that count now, and how long that may be kept.

    One statement, for all of it is to be of one instant. Without a `majority` the viewer acts for nobody. Raises
    TokenRefusedError.
    """
    rows = await sql.fetch(_BEHIND, digest(token), clock.now())
    viewer = await _viewer(rows, known, majority)
    ends = [_as_instant(rows[0][name]) for name in ("until", "expires_at", "within_until")]
    if majority is not None and viewer.acts:
        ends.append(majority.tomorrow)
    return Found(viewer, rows[0]["stamp"] or 0, min((end for end in ends if end is not None), default=None))


async def viewers_of(
    digests: Collection[str], known: KnownGrants, majority: Majority | None = None
) -> dict[str, Viewer | TokenRefusedError]:
    """The same for many tokens, by their digests and in one statement: whoever follows events is asked for often."""
    dialect = current_store().dialect
    wanted = list(digests) if dialect == "postgres" else sql.json_text(list(digests))
    behind: dict[str, list[Mapping[str, Any]]] = {one: [] for one in digests}
    for row in await sql.fetch(_BEHIND_EACH[dialect], wanted, clock.now()):
        behind[row["digest"]].append(row)
    return {one: await _viewer_or_refusal(rows, known, majority) for one, rows in behind.items()}


async def _viewer_or_refusal(
    rows: Sequence[Mapping[str, Any]], known: KnownGrants, majority: Majority | None
) -> Viewer | TokenRefusedError:
    try:
        return await _viewer(rows, known, majority)
    except TokenRefusedError as refused:
        return refused


async def _viewer(rows: Sequence[Mapping[str, Any]], known: KnownGrants, majority: Majority | None) -> Viewer:
    """The viewer behind the rows of one token."""
    now = clock.now()
    if not rows or any(rows[0][over] is not None for over in ("revoked_at", "ended_at", "disabled_at")):
        raise TokenRefusedError(expired=False)
    expires_at = _as_instant(rows[0]["expires_at"])
    if expires_at is not None and expires_at <= now:
        raise TokenRefusedError(expired=True)
    weak = rows[0]["session_id"] is not None and not rows[0]["second_factor"]
    grants = await known.of(rows[0]["held"], merged=rows[0]["merged"], weak=weak)
    narrowed = rows[0]["permissions"] is not None or rows[0]["org_id"] is not None
    person_id = None if rows[0]["person_id"] is None else _as_id(rows[0]["person_id"])
    return Viewer(
        account_id=_as_id(rows[0]["id"]),
        username=rows[0]["username"],
        # whoever holds a narrowed token acts by its permissions alone, and not as the person
        person_id=None if narrowed else person_id,
        grants=Grants(_within(grants, rows[0])) if narrowed else grants,
        session_id=None if rows[0]["session_id"] is None else _as_id(rows[0]["session_id"]),
        narrowed=narrowed,
        person_confirmed=bool(rows[0]["person_confirmed"]),
        behind=person_id,
        acts=NOBODY if narrowed or majority is None else acts_of(rows, majority),
    )


def _within(grants: Iterable[ActiveGrant], token: Mapping[str, Any]) -> Iterator[ActiveGrant]:
    """The grants as far as a narrowed token lets them count: nowhere once the token's node has ended."""
    allowed = None if token["permissions"] is None else frozenset(token["permissions"].split())
    within = "" if token["org_id"] is None else token["within"]
    for grant in grants:
        paths = () if within is None else tuple(_both(path, within) for path in grant.paths if _meet(path, within))
        if paths:
            permissions = grant.permissions if allowed is None else grant.permissions & allowed
            yield replace(grant, permissions=permissions, path=paths[0], succeeded=paths[1:])


def _meet(path: str, within: str) -> bool:
    return path.startswith(within) or within.startswith(path)


def _both(path: str, within: str) -> str:
    return max(path, within, key=len)


def _as_id(value: UUID | str) -> UUID:
    """An id as a statement written by hand answers it."""
    return value if isinstance(value, UUID) else UUID(value)


def _as_instant(value: datetime | str | None) -> datetime | None:
    """An instant as a statement written by hand answers it."""
    return _INSTANT.to_python_value(value)


_INSTANT: Instant[datetime | None] = Instant(null=True)
