"""How a personal value looks to those who may not read it: its shape stays, its middle is stars."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """The family name (its first character) and a star for each character after it: 张*, 欧**."""
    return name[:1] + "*" * (len(name) - 1)


def mask_tail(value: str, head: int, tail: int) -> str:
    """Keep `head` characters at the front and `tail` at the end; shorter values are stars altogether."""
    hidden = len(value) - head - tail
    return "*" * len(value) if hidden <= 0 else value[:head] + "*" * hidden + value[-tail:]


def mask_phone(phone: str) -> str:
    """138****0011."""
    return mask_tail(phone, 3, 4)


def mask_id_number(number: str) -> str:
    """430602********0011: the region and the last four; the date of birth is hidden."""
    return mask_tail(number, 6, 4)


def mask_address(address: str) -> str:
    """观音阁路**号*栋***室: roads and compounds stay, and a star stands for each figure and each letter."""
    return "".join("*" if (one.isascii() and one.isalnum()) or one in _CHINESE_FIGURES else one for one in address)


_CHINESE_FIGURES = frozenset("〇零一二三四五六七八九十百甲乙丙丁")
