"""The citizen identification number, GB 11643-1999. 公民身份号码。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
LENGTH = 18


def problems(number: str) -> Iterator[str]:
    """What is wrong with a number, as codes: SHAPE, DATE, CHECKSUM.

    The region is not judged: county codes changed, and people keep the number of the county they were born in.
    """
    body, check = number[:-1], number[-1:]
    if len(number) != LENGTH or not (body.isascii() and body.isdigit()) or check not in CHECKS:
        yield "SHAPE"
        return
    if birth_date(number) is None:
        yield "DATE"
    elif CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11] != check:
        yield "CHECKSUM"


def birth_date(number: str) -> date | None:
    """The date of birth that a number carries; None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def is_male(number: str) -> bool:
    """The sequence number is odd for men."""
    return int(number[16]) % 2 == 1
