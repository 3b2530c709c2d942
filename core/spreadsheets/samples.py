"""Values of a column as a preview shows them, the personal ones masked. 示例脱敏。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..records.masks import mask_address, mask_id_number, mask_name, mask_phone
from .cells import Cell, plain
from .fields import FIELDS

SHOWN, LONGEST = 3, 24
_MASKS: Mapping[str, Callable[[str], str]] = {
    "idNumber": mask_id_number,
    "phone": mask_phone,
    "name": mask_name,
    "address": mask_address,
}


def sample(key: str | None, cells: Iterable[Cell]) -> tuple[str, ...]:
    """Up to three different values; those of personal and of unknown columns masked."""
    shown: dict[str, None] = {}
    for cell in cells:
        written = plain(cell)[:LONGEST]
        if written:
            shown.setdefault(_masked(key, written))
        if len(shown) == SHOWN:
            break
    return tuple(shown)


def _masked(key: str | None, written: str) -> str:
    if key is not None and not FIELDS[key].personal:
        return written
    return _MASKS.get((key or "").rpartition(".")[2], mask_name)(written)
