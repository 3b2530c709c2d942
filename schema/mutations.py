"""Mutations: one input, one transaction, one union that says what came of it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_type_hints

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.utils.str_converters import to_camel_case

from linli.core.errors import NotFoundError, invalid, text
from linli.core.errors import RejectedError as Rejection
from linli.core.records.record import Record
from linli.core.records.requests import Outcome, body_hash, once
from linli.core.records.unit_of_work import transact

from .context import Context, Info
from .declare.fields import Declared, DeclaredField
from .errors import EVERYWHERE, answer
from .inputs import UNSET, plain
from .problems import unauthenticated

Work = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Mutation:
    """What a mutation is: the work, its union's members, and whether it may be done without a token."""

    work: Work
    members: tuple[type, ...]
    anonymous: bool
    own_unit: bool = False

    async def carry_out(self, info: Info, given: Any) -> Any:
        """Do the work in a unit of work; once only, where the request says who it is."""
        context = info.context
        key = _request_key(context, given)
        if self.own_unit:
            return await self.work(info, given)
        if key is None or context.viewer.account_id is None:
            return await transact(lambda _unit: self.work(info, given), context.viewer.account_id)
        body = body_hash(self.work.__name__, {"input": plain(given)})
        made: list[Record] = []

        async def work(_unit: object) -> Outcome:
            record = await self.work(info, given)
            made[:] = [record]
            return Outcome(context.schema.type_name(type(record)), record.id, getattr(record, "version", None))

        outcome = await once(context.viewer.account_id, key, body, work)
        return await _resolved(context, outcome) if outcome.replayed else made[0]


def _request_key(context: Context, given: Any) -> str | None:
    """By which name the request is known: as the input or the header Idempotency-Key says."""
    stated: str | None = None if given.request_id is UNSET else given.request_id
    if stated is not None and context.request_key not in (None, stated):
        raise invalid("requestId", "DIFFERS", "The header Idempotency-Key names another request; send one of the two")
    return context.request_key if stated is None else stated


async def _resolved(context: Context, outcome: Outcome) -> Any:
    """The record of an earlier outcome as it is now, for the same account."""
    declared = context.schema.declared(outcome.type)
    assert declared is not None, f"{outcome.type} is not declared"
    found = await declared.model.filter(context.sees(declared.model), id=outcome.id).first()
    if found is None:
        raise NotFoundError(text("There is no such record, or you may not see it"))
    return found


def mutation(
    description: str,
    returns: type,
    *errors: type,
    permission: str | None = None,
    anonymous: bool = False,
    own_unit: bool = False,
) -> Callable[[Work], Any]:
    """Make a mutation of `async def work(info, input: SomeInput) -> record`.

    It runs in one unit of work, which a RejectedError undoes; its result is the union of `returns`, the errors that
    every mutation may answer, and `errors`. `permission` is named in the description; the work itself asks for it,
    before anything else about the input is judged. With `own_unit` the work begins its unit of work itself, after
    what takes long.
    """

    def declare(work: Work) -> Any:
        name = work.__name__
        members = (*EVERYWHERE, *errors)
        union = Annotated[
            Union[(returns, *members)],  # type: ignore[valid-type]  # made at run time
            strawberry.union(name=f"{_pascal(name)}Result", description=f"What came of {to_camel_case(name)}. 结果。"),
        ]
        told = description if permission is None else f"{description} Needs {permission}. 需要权限 {permission}。"
        made = Mutation(work, members, anonymous, own_unit)
        field = DeclaredField(Declared(kind="mutation", description=told, type=union, resolve=_resolver(made)))
        taken = get_type_hints(work, include_extras=True)["input"]
        field.arguments = [
            StrawberryArgument(
                python_name="input",
                graphql_name=None,
                type_annotation=StrawberryAnnotation(taken),
                description="What to do. 输入。",
            )
        ]
        return field

    return declare


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _resolver(made: Mutation) -> Callable[..., Awaitable[Any]]:
    assert inspect.iscoroutinefunction(made.work)

    async def resolve(_root: Any, info: Info, input: Any) -> Any:  # noqa: A002  the argument's name in the API
        if info.context.viewer.anonymous and not made.anonymous:
            raise unauthenticated()
        try:
            return await made.carry_out(info, input)
        except Rejection as rejection:
            info.context.note_refusal(rejection, made.work.__name__)
            return answer(rejection, info.context, made.members)

    return resolve
