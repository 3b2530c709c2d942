"""The unified social credit code of units. 统一社会信用代码。"""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHAPE = re.compile(rf"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_BODY = 17


def credit_code_valid(code: str) -> bool:
    """Whether a code has the right shape and check character (GB 32100-2015)."""
    if not _SHAPE.fullmatch(code):
        return False
    total = sum(_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:_BODY]))
    return code[_BODY] == _ALPHABET[-total % 31]
