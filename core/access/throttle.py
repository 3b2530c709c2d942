"""Slowing down whoever guesses passwords, without letting anybody lock others out. 登录限速。

Every try is counted before the password is looked at, so that many at once, or many in one request, count each; the
counts stand in the district's database, so that all its processes count together. What is counted, in a window of
`login_window_minutes`:

- tries at one name from one network: `login_tries`. Beyond that this network waits, for this name.
- tries from one network at any names: `login_tries_per_network`. Beyond that only accounts that have signed in from
  there before are let try, so that one guesser stops no colleague behind the same address.
- tries at one name from anywhere: ten times `login_tries`. Beyond that a network that the account has not signed in
  from before has a single try: thousands of addresses guess slowly, and the owner's right password still fits.

A name that nobody has is counted in the same way, with the same statements. Names are kept as keyed hashes, since
people type passwords into the wrong field. The library `limits` has no storage in SQL, so it is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from .. import clock
from ..config.core_settings import CoreSettings
from ..errors import RateLimitedError, text
from ..graph import sql
from ..records.fields import Instant
from ..records.keys import current_keyring
from ..records.record import new_id
from ..records.store import current_store
from ..records.unit_of_work import current_client, current_unit
from .origin import Origin

FROM_ANYWHERE = 10
REMEMBERED = timedelta(days=90)
SWEPT = 20

_COUNT = (
    "INSERT INTO core_sign_in_try (id, key, tries, since) VALUES ($1::uuid, $2::text, 1, $3::timestamptz) "
    "ON CONFLICT (key) DO UPDATE SET "
    "tries = CASE WHEN core_sign_in_try.since <= $4::timestamptz THEN 1 ELSE core_sign_in_try.tries + 1 END, "
    "since = CASE WHEN core_sign_in_try.since <= $4::timestamptz THEN $3::timestamptz ELSE core_sign_in_try.since END "
    "RETURNING tries, since"
)
_FORGIVE = "UPDATE core_sign_in_try SET tries = tries - 1 WHERE key = $1::text AND tries > 0"
_FORGET = "DELETE FROM core_sign_in_try WHERE key = $1::text"
_SWEEP = (
    "DELETE FROM core_sign_in_try WHERE id IN "
    "(SELECT id FROM core_sign_in_try WHERE since <= $1::timestamptz ORDER BY since LIMIT $2::int{skip})"
)
_KNOWN = (
    "SELECT 1 FROM core_session AS s JOIN core_account AS a ON a.id = s.account_id "
    "WHERE a.username = $1::text AND s.network = $2::text AND s.last_used_at > $3::timestamptz LIMIT 1"
)
_INSTANT: Instant[datetime] = Instant()


@dataclass(frozen=True)
class Counted:
    """A try that was counted; `succeeded` takes it back."""

    pair: str | None
    network: str
    name: str | None


async def count(name: str | None, origin: Origin, settings: CoreSettings) -> Counted:
    """Count a try before it is judged, in a unit of work; RateLimitedError where there are too many, uncounted.

    `name` is None where nobody is named before the credential is judged: then the network alone is counted.
    """
    current_unit()
    network = _key("network", origin.network)
    if name is None:
        await _check(network, settings.login_tries_per_network, settings)
        return Counted(None, network, None)
    known = bool(await sql.fetch(_KNOWN, name, origin.network, clock.now() - REMEMBERED))
    counted = Counted(_key("pair", f"{origin.network} {name}"), network, _key("name", name))
    assert counted.pair is not None
    assert counted.name is not None
    pair, since = await _add(counted.pair, settings)
    from_network, since_network = await _add(counted.network, settings)
    from_anywhere, since_name = await _add(counted.name, settings)
    await _sweep(settings)
    if pair > settings.login_tries:
        raise _too_many(since, settings)
    if not known and from_network > settings.login_tries_per_network:
        raise _too_many(since_network, settings)
    if not known and pair > 1 and from_anywhere > FROM_ANYWHERE * settings.login_tries:
        raise _too_many(since_name, settings)
    return counted


async def succeeded(counted: Counted) -> None:
    """The try was no guess: forget the wrong ones of this name from here, and do not count it elsewhere."""
    if counted.pair is not None:
        await sql.execute(_FORGET, counted.pair)
    await sql.execute(_FORGIVE, counted.network)
    if counted.name is not None:
        await sql.execute(_FORGIVE, counted.name)


async def _check(key: str, most: int, settings: CoreSettings) -> None:
    tries, since = await _add(key, settings)
    if tries > most:
        raise _too_many(since, settings)


async def _add(key: str, settings: CoreSettings) -> tuple[int, datetime]:
    now, dialect = clock.now(), current_store().dialect
    values = sql.bound((new_id(), key, now, now - _window(settings)), dialect)
    [row] = await current_client().execute_query_dict(sql.spelling(_COUNT, dialect), values)
    return int(row["tries"]), _INSTANT.to_python_value(row["since"])  # type: ignore[return-value]  # never null


async def _sweep(settings: CoreSettings) -> None:
    """Take away some counts whose window is over, as many as one try adds and more.

    So a flood of names cannot fill the table within a day; what is left when nobody tries goes by a retention rule.
    """
    skip = "" if current_store().dialect == "sqlite" else " FOR UPDATE SKIP LOCKED"
    await sql.execute(_SWEEP.format(skip=skip), clock.now() - _window(settings), SWEPT)


def _window(settings: CoreSettings) -> timedelta:
    return timedelta(minutes=settings.login_window_minutes)


def _too_many(since: datetime, settings: CoreSettings) -> RateLimitedError:
    left = since + _window(settings) - clock.now()
    return RateLimitedError(text("Too many tries: wait and try again"), max(1, ceil(left.total_seconds())))


def _key(kind: str, value: str) -> str:
    return current_keyring().blind(value, f"core_sign_in_try.{kind}")
