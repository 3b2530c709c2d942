"""What becomes of refusals: those of accounts are events, those of nobody are counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from linli.core.access.attempts import Attempt, current_tally
from linli.core.counters import REFUSED_ANONYMOUS, counters

if TYPE_CHECKING:
    from .context import Context

log = structlog.get_logger(__name__)


async def record_refusals(context: Context, errors: Iterable[Mapping[str, Any]]) -> None:
    """Record what the viewer of an operation lacked; one event for all attempts of a kind in a minute."""
    if context.viewer.anonymous:
        asked_for_token = any(error.get("extensions", {}).get("code") == "UNAUTHENTICATED" for error in errors)
        if context.denied or asked_for_token:
            counters.add(REFUSED_ANONYMOUS, context.district.key)
        return
    try:
        for permission in context.denied:
            account_id = context.viewer.account_id
            assert account_id is not None, "whoever is not anonymous has an account"
            await current_tally().note(Attempt(account_id, permission))
    except Exception as error:  # the refusal stands whether or not it could be written down
        log.error("refusal_not_recorded", district=context.district.key, exc_info=error)
