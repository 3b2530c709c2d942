"""Counts of what is no event: attempts of nobody in particular, uploads, since the process began. 计数器。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Counters:
    """Named counts of districts that only grow."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, district: str) -> None:
        """It happened once more."""
        self._counts[district, name] += 1

    def values(self) -> Mapping[tuple[str, str], int]:
        """Every count so far, by district and name."""
        return dict(self._counts)


counters = Counters()

REFUSED_ANONYMOUS = "refused_anonymous"
LOGIN_FAILED_UNKNOWN = "login_failed_unknown"
LOGIN_FAILED_KNOWN = "login_failed_known"
LOGIN_THROTTLED = "login_throttled"
SESSION_BEGUN = "session_begun"
SESSION_REFUSED = "session_refused"
"""A refresh token that no longer renews."""
TOKEN_REFUSED = "token_refused"  # noqa: S105  a name
UPLOAD_KEPT = "upload_kept"
UPLOAD_REFUSED = "upload_refused"
UPLOAD_FAILED = "upload_failed"
EVERY = (
    REFUSED_ANONYMOUS,
    LOGIN_FAILED_UNKNOWN,
    LOGIN_FAILED_KNOWN,
    LOGIN_THROTTLED,
    SESSION_BEGUN,
    SESSION_REFUSED,
    TOKEN_REFUSED,
    UPLOAD_KEPT,
    UPLOAD_REFUSED,
    UPLOAD_FAILED,
)
