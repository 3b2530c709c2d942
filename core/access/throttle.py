"""Slowing down whoever guesses passwords, without letting anybody lock others out. 登录限速。

Every try is counted before the password is looked at, so that many at once, or many in one request, count each; the
counts stand in the district's database, so that all its processes count together. What is counted, in a window of
`login_window_minutes`:

- tries at one name from one network: `login_tries`. Beyond that this network waits, for this name.
- tries from one network at any names: `login_tries_per_network`. Beyond that only accounts that have signed in from
  there before are let in, so that one guesser stops no colleague behind the same address.
- tries at one name from anywhere: ten times `login_tries`. Beyond that a network that the account has not signed in
  from before has a single try: thousands of addresses guess slowly, and the owner's right password still fits.
- codes of OAuth2 from one address: `login_tries_per_network`, since nobody is named before the provider was asked.
  What is verified here, such as a signed token, is no guess and is not counted.

Beyond the second and the third limit every wrong try is answered RATE_LIMITED with the same wait, whether the name is
known there, unknown there or nobody's: the answer tells no names. Nor does the work: each costs one hash, of the
account or of nobody, while there is a turn for it in `HASHES`, and none otherwise, so that a flood does not burn the
processor.

A name that nobody has is counted in the same way, with the same statements. Names are kept as keyed hashes, since
people type passwords into the wrong field. The library `limits` has no storage in SQL, so it is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

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
from .turns import Turns

FROM_ANYWHERE = 10
REMEMBERED = timedelta(days=90)
SWEPT = 20
HASHES = Turns(2, 1)
"""Hashes under way beyond the limits: two in a process, one of them for a network."""

_NOBODY = UUID(int=0)

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
    "SELECT 1 FROM core_session "
    "WHERE account_id = $1::uuid AND network = $2::text AND last_used_at > $3::timestamptz LIMIT 1"
)
_INSTANT: Instant[datetime] = Instant()


@dataclass(frozen=True)
class Tried:
    """What is tried: a name as it is counted, and the account behind it, None where there is none."""

    name: str
    account_id: UUID | None


@dataclass(frozen=True)
class Counted:
    """A try that was counted; `succeeded` takes it back.

    `held` is what a wrong try is answered beyond the limits, whatever its name; a right one passes all the same where
    the account is `known`, for it has signed in from there before.
    """

    forget: str | None
    forgive: tuple[str, ...]
    known: bool = False
    held: RateLimitedError | None = None

    @property
    def passes(self) -> bool:
        """Whether a right credential is taken."""
        return self.known or self.held is None


async def count(tried: Tried, origin: Origin, settings: CoreSettings, *, guessing: bool = True) -> Counted:
    """Count a try before it is judged, in a unit of work; RateLimitedError where the name has too many from there.

    One that is not `guessing` has shown who it is and lacks a code at most: it does not count for its network.
    """
    current_unit()
    since = clock.now() - REMEMBERED
    known = bool(await sql.fetch(_KNOWN, tried.account_id or _NOBODY, origin.network, since))
    pair_key, name_key = _key("pair", f"{origin.network} {tried.name}"), _key("name", tried.name)
    network_key = _key("network", origin.network)
    pair, since_pair = await _add(pair_key, settings)
    from_network, since_network = await _add(network_key, settings) if guessing else (0, since)
    from_anywhere, since_name = await _add(name_key, settings)
    await _sweep(settings)
    held = None
    if pair > settings.login_tries:
        raise _too_many(since_pair, settings)
    if from_network > settings.login_tries_per_network:
        held = _too_many(since_network, settings)
    elif pair > 1 and from_anywhere > FROM_ANYWHERE * settings.login_tries:
        held = _too_many(since_name, settings)
    return Counted(pair_key, (network_key, name_key) if guessing else (name_key,), known, held)


async def count_code(origin: Origin, settings: CoreSettings) -> Counted:
    """Count a code that another server judges, by its address: whoever makes codes up stops no neighbour."""
    current_unit()
    key = _key("address", origin.address)
    tries, since = await _add(key, settings)
    await _sweep(settings)
    if tries > settings.login_tries_per_network:
        raise _too_many(since, settings)
    return Counted(None, (key,))


async def succeeded(counted: Counted) -> None:
    """The try was no guess: forget the wrong ones of this name from here, and do not count it elsewhere."""
    if counted.forget is not None:
        await sql.execute(_FORGET, counted.forget)
    for key in counted.forgive:
        await sql.execute(_FORGIVE, key)


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
