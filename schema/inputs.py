"""Inputs of mutations: what is not given is UNSET and stays as it is, null takes a value away."""

from __future__ import annotations

import dataclasses
from typing import Any

import strawberry

UNSET: Any = strawberry.UNSET
NEVER_KEPT = "never kept"


@strawberry.input(description="What every mutation takes. 公共输入。")
class MutationInput:
    """The common part of all inputs: subclass it."""

    request_id: str | None = strawberry.field(
        description="The same request twice acts once: 1 to 255 printable ASCII characters, kept 7 days. 请求标识。",
        default=strawberry.UNSET,
    )


def required(description: str) -> Any:
    """An input that must be given."""
    return strawberry.field(description=description)


def secret(description: str, *, needed: bool = True) -> Any:
    """An input that is kept in no form, not even to compare a repeated request with the first one: a password."""
    default: dict[str, Any] = {} if needed else {"default": strawberry.UNSET}
    return strawberry.field(description=description, metadata={NEVER_KEPT: True}, **default)


def not_remembered() -> Any:
    """The `request_id` of an input that takes none."""
    return strawberry.field(
        description="Leave it out: nothing remembers this request. 不支持请求标识，请勿填写。",
        default=strawberry.UNSET,
    )


def optional(description: str) -> Any:
    """An input that may be left out."""
    return strawberry.field(description=description, default=strawberry.UNSET)


def value(given: Any, otherwise: Any = None) -> Any:
    """What was given, or `otherwise` where nothing was."""
    return otherwise if given is UNSET else given


def given(source: Any, *names: str) -> dict[str, Any]:
    """Those of these inputs that were given."""
    return {name: getattr(source, name) for name in names if getattr(source, name) is not UNSET}


def plain(source: Any) -> Any:
    """An input as plain values without its secrets, for comparing one request with another."""
    if dataclasses.is_dataclass(source) and not isinstance(source, type):
        compared = [field.name for field in dataclasses.fields(source) if not field.metadata.get(NEVER_KEPT)]
        fields = {name: getattr(source, name) for name in compared}
        return {name: plain(one) for name, one in fields.items() if one is not UNSET and name != "request_id"}
    if isinstance(source, list):
        return [plain(one) for one in source]
    return source
