"""What descriptions say of who sees a record, made from the model's declaration."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.utils.str_converters import to_camel_case
from tortoise.models import Model

from linli.core.records import visible


def told(description: str, model: type[Model]) -> str:
    """A description with who sees the records of a model."""
    declared = visible.of(model)
    english = ", or ".join(_english(declared)) or "through other records only"
    chinese = "；".join(_chinese(declared)) or "仅随其他记录可见"
    return f"{description} Seen {english}. {chinese}。"


def _english(declared: visible.Visible) -> Iterator[str]:
    for permission, places in _by_permission(declared).items():
        yield f"with {permission} at {' or '.join(place or 'the node itself' for place in places)}"
    for tied in declared.tied:
        yield f"with {tied.permission} at the {_camel(tied.at)} of a valid {tied.model}"
    for permission in declared.everywhere:
        yield f"with {permission} at the root"
    if declared.persons or declared.accounts or declared.joined:
        yield f"as one's own{_while(declared)}"
    if declared.subject is not None:
        yield "with the record that it belongs to"
    for column, values in (declared.public or {}).items():
        yield f"by anybody where {to_camel_case(column)} is {' '.join(values)}"
    if declared.public == {}:
        yield "by anybody"


def _while(declared: visible.Visible) -> str:
    held = (f"{to_camel_case(column)} is {' '.join(values)}" for column, values in declared.owned_while.items())
    told = " and ".join(held)
    return f" while {told}" if told else ""


def _chinese(declared: visible.Visible) -> Iterator[str]:
    for permission in _by_permission(declared):
        yield f"凭所在组织的权限 {permission} 可见"
    for tied in declared.tied:
        yield f"凭有效 {tied.model} 所在组织的权限 {tied.permission} 可见"
    for permission in declared.everywhere:
        yield f"凭根节点的权限 {permission} 可见"
    if declared.persons or declared.accounts or declared.joined:
        yield "本人可见"
    if declared.subject is not None:
        yield "随所属记录可见"
    if declared.public is not None:
        yield "部分公开" if declared.public else "公开"


def _by_permission(declared: visible.Visible) -> dict[str, list[str]]:
    """The look-ups by permission, as the API spells them."""
    found: dict[str, list[str]] = {}
    for lookup, permission in declared.at.items():
        for one in (permission, *declared.also):
            found.setdefault(one, []).append(_camel(lookup))
    return found


def _camel(lookup: str) -> str:
    return ".".join(to_camel_case(step) for step in lookup.split("__"))
