"""Constants: instants and days that an operation's own text names, told apart from the present."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from .shapes import cursor_of, written
from .tokens import Day, Tokens


def with_constants(value: Any, tokens: Tokens, name: str = "") -> Any:
    """A value with tokens in the place of its instants, so that none is taken for the present."""
    if isinstance(value, datetime):
        return value if tokens.knows(value) else tokens.instant(None, value)
    if isinstance(value, date):
        return Day(value.year, value.month, value.day)
    if isinstance(value, dict):
        return {key: with_constants(one, tokens, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [with_constants(one, tokens) for one in value]
    if isinstance(value, str) and name in ("after", "before") and not tokens.knows(value):
        return _cursor(value, tokens)
    return value


def _cursor(value: str, tokens: Tokens) -> str:
    found = cursor_of(value)
    if found is None:
        return value
    name, values = found
    return written(name, [_key(one, tokens) for one in values])


def _key(value: Any, tokens: Tokens) -> Any:
    if not isinstance(value, str):
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    if instant.tzinfo is None:
        tokens.allow(instant.date())
        return value
    return tokens.instant(None, instant).isoformat()
