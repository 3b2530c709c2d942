"""Names of files as they are kept: one line, no folders, nothing that cannot be seen. 文件名。"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from .kinds import ENDINGS
from .purposes import FileKind

LONGEST = 120
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def _is_seen(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


def cleaned(given: str, kind: FileKind) -> str:
    """The name that a client gave, with the ending that the content has; 文件 where nothing is left of it."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(" " if one.isspace() else one for one in last if one.isspace() or _is_seen(one))
    stem = _FORBIDDEN.sub("_", " ".join(seen.split()))
    known = PurePosixPath(stem).suffix.lower()
    if known and len(known) <= len(".jpeg") + 1 and known.isascii():
        stem = stem[: -len(known)]
    stem = stem.strip(" .")
    return (stem[: LONGEST - len(ENDINGS[kind])].rstrip(" .") or "文件") + ENDINGS[kind]
