"""Numbers below a thousand as Chinese writes them, and years digit by digit. 汉字数字。"""

from __future__ import annotations

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_TENS = {"十": 10, "百": 100}
_SHORT = str.maketrans({"廿": "二十", "卅": "三十"})


def chinese_number(written: str) -> int | None:
    """三 as 3, 二十一 as 21, 一九五二 as 1952, 12 as 12; None for what is no number."""
    if written.isascii() and written.isdigit():
        return int(written)
    signs = written.translate(_SHORT)
    if signs and all(sign in _DIGITS for sign in signs):
        return int("".join(str(_DIGITS[sign]) for sign in signs))
    total = pending = 0
    for sign in signs:
        if sign in _TENS:
            total += (pending or 1) * _TENS[sign]
            pending = 0
        elif sign in _DIGITS:
            pending = _DIGITS[sign]
        else:
            return None
    return total + pending if signs else None
