"""What merging and splitting organisations does, or would do, as a table. 撤并与拆分结果。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linli.core.errors import Text
from linli.core.succession.applying import Applied
from linli.core.succession.open_things import Fate
from linli.core.succession.reforms import Change, Merge, Rename

from .language import words
from .messages import CommandError, note
from .tables import Cell, table

_FATES = {
    Fate.MOVED: words("moved"),
    Fate.ENDED: words("ended"),
    Fate.KEPT: words("kept"),
    Fate.REFUSED: words("refused"),
}
_HEADERS = (
    *(words("change"), words("what ends"), words("what succeeds")),
    *(words("records"), words("fate"), words("count"), words("reason")),
)


def show(applied: Sequence[Applied], *, dry_run: bool) -> None:
    """A row for each change, and one for each kind of record that hangs on it; CommandError where some are refused."""
    table(_HEADERS, [row for one in applied for row in _rows(one, dry_run=dry_run)])
    before = sum(one.done_before for one in applied)
    refused = sum(one.refused for one in applied)
    done = words("not written") if dry_run else words("written")
    note(
        words("changes: {count}, {done}; done before: {before}", count=len(applied) - before, done=done, before=before)
    )
    if refused:
        raise CommandError(words("refused: {count}; the rows that say so tell why", count=refused))


def _rows(applied: Applied, *, dry_run: bool) -> Iterator[tuple[Cell, ...]]:
    change, old, new = _told(applied.change)
    if applied.done_before:
        done: Text = words("done before")
    elif applied.refused:
        done = _FATES[Fate.REFUSED]
    else:
        done = words("not written") if dry_run else words("written")
    yield change, old, new, words("organisations beneath"), _FATES[Fate.MOVED], str(applied.moved), done
    for found in applied.found:
        what = f"{found.plugin}: {found.what}"
        yield "", "", "", what, _FATES[found.thing.fate], str(found.count), found.thing.reason


def _told(change: Change) -> tuple[Text, str, str]:
    if isinstance(change, Rename):
        return words("rename"), change.code, change.name
    if isinstance(change, Merge):
        return words("merge"), ", ".join(change.sources), change.target.code
    return words("split"), change.source, ", ".join(target.code for target in change.targets)
