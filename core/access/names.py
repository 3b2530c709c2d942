"""User names: one spelling of each, so that nobody takes a name that looks like another's. 用户名规范化。

A name is kept trimmed, in Unicode's compatibility form (NFKC) and case-folded, and looked up in the same way. Names
that were kept as they came, before this was so, are still found as they stand, and their folded form is not given
to anybody else. Letters of other scripts that only look alike, such as a Cyrillic а, are told apart.
"""

from __future__ import annotations

import re
import unicodedata

from ..errors import FieldProblem, text
from ..graph import sql
from ..records.store import current_store
from .models import Account

LONGEST = 100
_NO_SPACES = re.compile(rf"\S{{1,{LONGEST}}}")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Unicode's default ignorables outside of Cf, and the blank pattern of Braille: letters and marks that show nothing
_UNSEEN = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
_UNFOLDED = {
    "postgres": "octet_length(username) <> length(username) OR username <> lower(username)",
    "sqlite": "length(CAST(username AS BLOB)) <> length(username) OR username <> lower(username)",
}


def folded(name: str) -> str:
    """The one spelling of a name; what is too long to be one is left as it is."""
    trimmed = name.strip()
    if len(trimmed) > LONGEST:
        return name
    once = unicodedata.normalize("NFKC", trimmed).casefold()
    return unicodedata.normalize("NFKC", once).strip()


def name_problem(name: str) -> FieldProblem | None:
    """What is wrong with a new name, as it was given."""
    if any(unicodedata.category(one) in _UNSEEN_CATEGORIES or ord(one) in _UNSEEN for one in name[: 2 * LONGEST]):
        return FieldProblem(
            "username", "INVISIBLE", text("Without control characters and characters that show nothing")
        )
    if not _NO_SPACES.fullmatch(folded(name)):
        return FieldProblem("username", "USERNAME", text("1 to 100 characters without spaces"))
    return None


async def account_by_name(name: str) -> Account | None:
    """Whose name this is: as it stands, otherwise in its one spelling."""
    found = await Account.filter(username__in=[name, folded(name)])
    return next((one for one in found if one.username == name), found[0] if found else None)


async def is_taken(name: str) -> bool:
    """Whether a folded name, or one that was kept unfolded and folds to it, is somebody's."""
    if await Account.filter(username=name).exists():
        return True
    dialect = "sqlite" if current_store().dialect == "sqlite" else "postgres"
    rows = await sql.fetch(f"SELECT username FROM core_account WHERE {_UNFOLDED[dialect]}")  # noqa: S608  ours
    return any(folded(row["username"]) == name for row in rows)
