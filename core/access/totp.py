"""One-time passwords by time (RFC 6238): six digits, SHA-1, a step of 30 seconds, a drift of one step. 动态口令。"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DRIFT = 1
DIGITS = 6
SECRET_BYTES = 20


def new_secret() -> str:
    """A secret of 160 bits in base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_at(at: datetime) -> int:
    """The number of the step that an instant is in."""
    return int(at.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The code of a step (RFC 4226 5.3)."""
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1).digest()
    start = mac[-1] & 0xF
    number = int.from_bytes(mac[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step whose code it is, around an instant; None when it is of none of them."""
    now = step_at(at)
    steps = range(now - DRIFT, now + DRIFT + 1)
    fitting = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return max(fitting, default=None)


def address(secret: str, issuer: str, username: str) -> str:
    """What an authenticator app reads from a QR code."""
    label = f"{quote(issuer, safe='')}:{quote(username, safe='')}"
    told = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(told, quote_via=quote)}"
