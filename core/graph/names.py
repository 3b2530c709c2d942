"""Companion keys of names: they sort and are searched by pinyin, by initials and by the name itself, on any engine."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import lru_cache

KEY_LENGTH = 600
PINYIN_LENGTH = 399
INITIALS_LENGTH = 64
SEPARATOR = " "  # sorts before letters and digits, so that a shorter pinyin comes first

_LONGEST_PHRASE = 4
_LAST = "\U0010ffff"


@lru_cache(maxsize=1)
def _phrases() -> tuple[Collection[str], frozenset[str]]:
    """The phrases of pypinyin's dictionary, and with which two characters they begin."""
    from pypinyin.constants import PHRASES_DICT  # noqa: PLC0415  takes a quarter of a second and 40 MB

    return PHRASES_DICT.keys(), frozenset(phrase[:2] for phrase in PHRASES_DICT)


@lru_cache(maxsize=65_536)
def _read(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  as above

    return tuple(lazy_pinyin(text))


def syllables(name: str) -> list[str]:
    """The pinyin of a name, syllable by syllable, without tones; what is no Chinese character stays by itself.

    Readings depend on the word (重庆 chong, 重工 zhong), so the longest phrase of pypinyin's dictionary is taken
    from the left. This is what pypinyin does too, ten times slower.
    """
    if name.isascii():
        return list(name)
    phrases, beginnings = _phrases()
    read: list[str] = []
    place = 0
    while place < len(name):
        size = 1
        if name[place : place + 2] in beginnings:
            longest = min(_LONGEST_PHRASE, len(name) - place)
            size = next((size for size in range(longest, 1, -1) if name[place : place + size] in phrases), 1)
        read += _read(name[place : place + size])
        place += size
    return read


def _folded(text: str) -> str:
    """Full-width letters as plain ones, lower case, without spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return plain if plain.isalnum() else "".join(sign for sign in plain if sign.isalnum())


@lru_cache(maxsize=4096)
def keys(name: str) -> tuple[str, str]:
    """(name_key, name_initials) of a name: 五里牌社区 has `wulipaishequ 五里牌社区` and `wlpsq`."""
    read = syllables(_folded(name))
    pinyin = "".join(read)[:PINYIN_LENGTH]
    initials = "".join([syllable[:1] for syllable in read])[:INITIALS_LENGTH]
    return (pinyin + SEPARATOR + name)[:KEY_LENGTH], initials


def prefix_range(prefix: str) -> tuple[str, str]:
    """(low, high) such that `low <= text < high` holds for exactly the texts that begin with `prefix`."""
    return prefix, prefix + _LAST


def search_ranges(typed: str) -> list[tuple[str, str, str]]:
    """Where a name that somebody begins to type is found: (column, low, high), joined by or.

    五里 is looked for in names; `wuli` and `wlp` in pinyin and initials as well.
    """
    ranges = [("name", *prefix_range(typed))]
    letters = _folded(typed)
    if letters and letters.isascii():
        ranges.append(("name_key", *prefix_range(letters)))
        ranges.append(("name_initials", *prefix_range(letters)))
    return ranges
