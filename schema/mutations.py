"""Mutations: one input, one transaction, one union that says what came of it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_type_hints
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.utils.str_converters import to_camel_case

from linli.core.access.acted_for_models import ActedFor
from linli.core.access.on_behalf import Capacity
from linli.core.access.searches import Search
from linli.core.errors import NotFoundError, TakenError, Text, invalid, text
from linli.core.errors import RejectedError as Rejection
from linli.core.people.merged import standing
from linli.core.people.models import Person
from linli.core.records.record import Record
from linli.core.records.requests import Outcome, body_hash, once
from linli.core.records.unit_of_work import transact

from .context import Context, Info
from .declare.fields import Declared, DeclaredField
from .declare.node import Node
from .errors import EVERYWHERE, answer
from .inputs import plain, value
from .problems import unauthenticated

Work = Callable[..., Awaitable[Any]]
Before = Callable[[Info, Any], Awaitable[Any]]
Again = Callable[[Info, Any, Outcome], Awaitable[Any]]


@dataclass(frozen=True)
class Mutation:
    """What a mutation is: the work, its union's members, and whether it may be done without a token.

    `before` is done ahead of the unit of work, `again` answers a request that was carried out before; without one
    nothing is remembered of a request.
    """

    work: Work
    members: tuple[type, ...]
    permission: str | None
    anonymous: bool
    before: Before | None
    again: Again | None

    async def carry_out(self, info: Info, given: Any) -> Any:
        """Do the work in a unit of work; once only, where the request says who it is."""
        account_id = info.context.viewer.account_id
        key = self._request_key(info.context, given)
        if key is not None and account_id is not None and self.again is not None:
            return await self._once(info, given, account_id, key, self.again)
        prepared = await self._prepared(info, given)
        return await transact(lambda _unit: self.work(info, given, *prepared), account_id)

    async def record_guess(self, context: Context, taken: TakenError) -> None:
        """Keep that an account learns of a value that somebody has it; where that fails the answer does not leave."""
        paths = context.viewer.subtrees(self.permission or "")
        operator = to_camel_case(self.work.__name__)
        value_ = frozenset({taken.path})  # stands for the one that was given: it is counted, and told to nobody
        await context.loaders.recorded([Search(taken.subject_type, taken.path[-1], operator, value_, paths)])

    def _request_key(self, context: Context, given: Any) -> str | None:
        """By which name the request is known: as the input or the header Idempotency-Key says.

        A frontend may send the header with everything, so that it counts where something is remembered, and is let
        pass elsewhere; `requestId` would be a promise.
        """
        stated: str | None = value(given.request_id)
        if self.again is None or context.viewer.account_id is None:
            if stated is not None:
                raise invalid("requestId", "NOT_REMEMBERED", "Nothing remembers this request: leave requestId out")
            return None
        if stated is not None and context.request_key not in (None, stated):
            told = "The header Idempotency-Key names another request; send one of the two"
            raise invalid("requestId", "DIFFERS", told)
        return context.request_key if stated is None else stated

    async def _prepared(self, info: Info, given: Any) -> tuple[Any, ...]:
        """What the work gets beside the input."""
        return () if self.before is None else (await self.before(info, given),)

    async def _once(self, info: Info, given: Any, account_id: UUID, key: str, again: Again) -> Any:
        made: list[Any] = []
        prepared: list[Any] = []

        async def before() -> None:
            prepared[:] = await self._prepared(info, given)

        async def work(_unit: object) -> Outcome:
            made[:] = [await self.work(info, given, *prepared)]
            return _outcome(info.context, made[0])

        body = body_hash(self.work.__name__, {"input": plain(given)})
        outcome = await once(account_id, key, body, work, None if self.before is None else before)
        return await again(info, given, outcome) if outcome.replayed else made[0]


def _outcome(context: Context, made: Any) -> Outcome:
    """What is remembered of an answer: which record it is, or tells of."""
    assert not isinstance(made, Rejection), "a refusal that stands is for mutations that remember nothing"
    name = context.schema.type_name(type(made)) if isinstance(made, Record) else type(made).__name__
    return Outcome(name, getattr(made, "id", None), getattr(made, "version", None))


def told_once(message: Text) -> Again:
    """What a repeated request is answered that was given a secret the first time: ALREADY_DONE, and what to do now."""

    async def refuse(_info: Info, _given: Any, _outcome: Outcome) -> Any:
        raise Rejection(message, code="ALREADY_DONE", path=("requestId",))

    return refuse


async def _as_it_is_now(info: Info, _given: Any, outcome: Outcome) -> Any:
    """The record of an earlier outcome as it is now, for the same account."""
    context = info.context
    declared = context.schema.declared(outcome.type)
    assert declared is not None, f"{outcome.type} is not declared"
    id_ = outcome.id
    if declared.model is Person and id_ is not None:  # who was merged into another since is that one
        id_ = (await standing([id_])).get(id_, id_)
    found = await declared.model.filter(context.sees(declared.model), id=id_).first()
    if found is None and await _done_for_kin(context, outcome):
        found = await declared.model.get_or_none(id=outcome.id)
    if found is None:
        raise NotFoundError(text("There is no such record, or you may not see it"))
    return found


async def _done_for_kin(context: Context, outcome: Outcome) -> bool:
    """Whether the account did this as family, and so for somebody whose records it does not see otherwise."""
    done = ActedFor.filter(account_id=context.viewer.account_id, subject_id=outcome.id)
    return await done.filter(capacity=Capacity.FAMILY.value).exists()


def mutation(
    description: str,
    returns: type,
    *errors: type,
    permission: str | None = None,
    anonymous: bool = False,
    before: Before | None = None,
    again: Again | None = None,
) -> Callable[[Work], Any]:
    """Make a mutation of `async def work(info, input: SomeInput) -> record`.

    It runs in one unit of work, which a RejectedError undoes; its result is the union of `returns`, the errors that
    every mutation may answer, and `errors`. `permission` is named in the description; the work itself asks for it,
    before anything else about the input is judged.

    What takes long, such as a password's hash or another server, is done by `before(info, input)`, ahead of the unit
    of work; `work` gets its result as a third argument. A request with a `requestId` acts once: the same again is
    answered by the record as it is now, or as `again(info, input, outcome)` says, which is needed where `returns` is
    no declared type. What can be done without a token and answers none remembers nothing: there the work may also
    return a RejectedError, which is told like any other and undoes nothing.
    """
    again = again or (_as_it_is_now if any(node.cls is returns for node in Node.declared) else None)

    def declare(work: Work) -> Any:
        name = work.__name__
        if again is None and not anonymous:
            raise TypeError(
                f"{name} answers {returns.__name__}, which is no declared type: say by `again=` what the same request"
                " is answered when it comes again"
            )
        members = (*EVERYWHERE, *errors)
        union = Annotated[
            Union[(returns, *members)],  # type: ignore[valid-type]  # made at run time
            strawberry.union(name=f"{_pascal(name)}Result", description=f"What came of {to_camel_case(name)}. 结果。"),
        ]
        told = description if permission is None else f"{description} Needs {permission}. 需要权限 {permission}。"
        made = Mutation(work, members, permission, anonymous, before, again)
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
            told = await made.carry_out(info, input)
            if isinstance(told, Rejection):
                raise told
            return told
        except Rejection as rejection:
            info.context.note_refusal(rejection, made.work.__name__)
            if isinstance(rejection, TakenError) and not info.context.viewer.anonymous:
                await made.record_guess(info.context, rejection)
            return answer(rejection, info.context, made.members)

    return resolve
