"""Passwords: argon2id, rehashed when its parameters grow."""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    return _hasher().hash("nobody has this password")


def hashed(password: str) -> str:
    """The hash to keep."""
    return _hasher().hash(password)


def verified(password: str, known: str | None) -> bool:
    """Whether the password fits; takes as long when there is no such account, so that time tells nothing."""
    return checked(password, known)[0]


def checked(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether the password fits, and the hash to keep from now on where the parameters have grown since it was made."""
    fits, anew = _hasher().verify_and_update(password, known if known is not None else _decoy())
    return (True, anew) if fits and known is not None else (False, None)
