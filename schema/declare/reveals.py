"""The argument `reveal` of masked fields, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Optional

import strawberry

from linli.core.records.encrypted import Encrypted

from ..problems import unauthenticated
from .fields import Declared
from .revealing import Reveal

if TYPE_CHECKING:
    from tortoise.models import Model

    from linli.schema.context import Info


@strawberry.input(
    description="Asks to see a personal value in full; who did, when and what for is kept. 查看完整信息。"
)
class RevealInput:
    """What a reveal needs."""

    purpose: str = strawberry.field(
        description="What for, in 4 to 200 characters; it is read in the audit trail, so it names nobody. 查看用途。"
    )


def argument(permission: str) -> tuple[Any, str]:
    """The type and description of the argument."""
    return Optional[
        RevealInput
    ], f"Show it in full; needs {permission}, and is recorded. 查看完整信息，需要 {permission}。"


def resolver(model: type[Model], graphql_name: str, source: str, declared: Declared) -> Callable[..., Any]:
    """Answers the masked value, or with `reveal` the whole one once it is kept that somebody saw it."""
    masked, permission = declared.resolve, declared.reveal
    assert masked is not None
    assert permission is not None

    async def reveal_it(row: Any, info: Info, purpose: str) -> Any:
        if info.context.viewer.anonymous:
            raise unauthenticated()
        info.context.require_asked("reveal")
        await info.context.loaders.reveals.load(Reveal(model, row.id, graphql_name, permission, purpose))
        value = getattr(row, source)
        return value.decrypt() if isinstance(value, Encrypted) else value

    async def full_already(row: Any, info: Info, purpose: str) -> Any:
        shown = masked(row, info)
        shown = await shown if isawaitable(shown) else shown
        value = getattr(row, source)
        return shown if shown is not None and shown == value else await reveal_it(row, info, purpose)

    def read(row: Any, info: Info, reveal: RevealInput | None = None) -> Any:
        if reveal is None:
            return masked(row, info)
        ask = reveal_it if declared.shown_by is None else full_already
        return ask(row, info, reveal.purpose)

    return read
