"""From a request to its answer: texts are parsed and validated once, then executed for each viewer."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    Visitor,
    create_source_event_stream,
    execute,
    execute_subscription_event,
    get_operation_ast,
    specified_rules,
    validate,
    visit,
)

from linli.core.crypto.suites import TamperedError
from linli.core.errors import RejectedError, ValidationError, text
from linli.core.languages import translate

from .compiled.running import Asking, Compiler
from .compose import DistrictSchema
from .context import Context
from .graphql_words import in_words, without_suggestions
from .limits import Admission, Limiter
from .limits.cost import Cost
from .problems import ProblemError, altered, failed
from .refusals import record_refusals
from .subscriptions.source import Source

V = TypeVar("V")

COMPILED, RESOLVED = "compiled", "resolved"

MAX_TEXTS = 1000
MAX_KEPT = 500_000
"""How many characters of texts are kept parsed: each takes 70 to 280 bytes, and anybody may send what is long."""


class Recent(Generic[V]):
    """The values of the most recently used texts, `size` at most, with `characters` in them at most."""

    def __init__(self, size: int, characters: int) -> None:
        self._size, self._room = size, characters
        self._values: OrderedDict[str, V] = OrderedDict()

    def get(self, key: str) -> V | None:
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: str, value: V) -> None:
        if key not in self._values:
            self._room -= len(key)
        self._values[key] = value
        while len(self._values) > self._size or self._room < 0:
            oldest, _ = self._values.popitem(last=False)
            self._room += len(oldest)


@dataclass(frozen=True)
class Request:
    """What a client asks for, whichever way it came."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    tells_cost: bool = False
    """Whether the answer is to say what the operation cost."""


@dataclass(frozen=True)
class Answer:
    """What is sent back; `refused` when the request was never executed: then there is no `data`.

    What the compiled executor answered, and what is sent to many, has its data as JSON already: a Fragment, which
    orjson puts into the whole.
    """

    errors: list[dict[str, Any]]
    data: dict[str, Any] | orjson.Fragment | None = None
    refused: bool = False
    executor: str = RESOLVED
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> Any:
        """The data as Python values, whichever executor answered."""
        return orjson.loads(orjson.dumps(self.data)) if isinstance(self.data, orjson.Fragment) else self.data

    def without_suggestions(self) -> Answer:
        """The same without the names of the schema that GraphQL suggests for misspelt ones."""
        errors = [{**error, "message": without_suggestions(error["message"])} for error in self.errors]
        return replace(self, errors=errors)

    def body(self) -> dict[str, Any]:
        """The response as GraphQL over HTTP wants it."""
        told: dict[str, Any] = {} if self.refused else {"data": self.data}
        if self.extensions:
            told["extensions"] = self.extensions
        return {"errors": self.errors, **told} if self.errors else told


def refusal(language: str, *errors: GraphQLError) -> Answer:
    """The answer to a request that is not executed."""
    return Answer([_formatted(error, language) for error in errors], refused=True)


def _formatted(error: GraphQLError, language: str) -> dict[str, Any]:
    if isinstance(error, ProblemError):
        return error.told(language)
    return {**error.formatted, "message": in_words(error.message, language)}


@dataclass(frozen=True)
class Subscribed:
    """A subscription that began: what it follows, and GraphQL's execution of it, of which each event gets a copy."""

    source: Source
    execution: Any


@dataclass(frozen=True)
class Prepared:
    """A parsed and validated text, or what is wrong with it."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    costs: dict[str | None, Cost] = field(default_factory=dict)
    """What its operations cost, by name, as far as that was asked."""

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation that is meant; None when the name does not tell."""
        return None if self.document is None else get_operation_ast(self.document, name)


class Executor:
    """Executes operations of one schema; without `introspection` it tells nobody what there is in the schema.

    What `compiles` is answered by one statement; all else, and without it everything, resolver by resolver.
    """

    def __init__(self, schema: DistrictSchema, *, introspection: bool = True, compiles: bool = True) -> None:
        self.schema = schema
        self._introspection = introspection
        self._rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        self._prepared: Recent[Prepared] = Recent(MAX_TEXTS, MAX_KEPT)
        self.compiler = Compiler(schema)
        self.compiles = compiles
        self.limits = schema.district.settings.limits
        self.limiter, self.admission = Limiter(schema._schema, self.limits), Admission(self.limits)

    def prepare(self, query: str) -> Prepared:
        """Parse and validate a text, or find that this was done before."""
        known = self._prepared.get(query)
        if known is None:
            known = self._parse(query)
            self._prepared.put(query, known)
        return known

    def _parse(self, query: str) -> Prepared:
        try:
            document = self.limiter.parse(query)
        except GraphQLError as error:
            return Prepared(None, (_as_validation(error),))
        errors = validate(self.schema._schema, document, self._rules) or list(_nul_errors(document, query))
        return Prepared(None if errors else document, tuple(_as_validation(error) for error in errors))

    async def execute(self, request: Request, context: Context) -> Answer:
        """Answer a request for a viewer; names that were nearly right are suggested to those who are known."""
        answer = await self._execute(request, context)
        return self.told(answer, known=not context.viewer.anonymous)

    def told(self, answer: Answer, *, known: bool = True) -> Answer:
        """An answer as it is sent to somebody whom the server knows, or not."""
        return answer if known and self._introspection else answer.without_suggestions()

    async def _execute(self, request: Request, context: Context) -> Answer:
        prepared = self.prepare(request.query)
        if prepared.errors or prepared.document is None:
            return refusal(context.language, *prepared.errors)
        operation = prepared.operation(request.operation_name)
        if operation is None:
            which = text("Which operation? Give one that is in the text as operationName")
            return refusal(context.language, ProblemError("GRAPHQL_VALIDATION", which))
        if is_subscription(operation):
            how = text("Subscribe over a WebSocket, or with Accept: text/event-stream")
            return refusal(context.language, ProblemError("BAD_REQUEST", how))
        try:
            cost = self.limiter.admit(prepared, operation, request)
        except ProblemError as problem:
            return refusal(context.language, problem)
        answer = await self._compiled(prepared, operation, request, context)
        if answer is None:
            answer = await self._resolved(prepared, request, context)
        return replace(answer, extensions={"cost": cost}) if request.tells_cost else answer

    async def _compiled(
        self, prepared: Prepared, operation: OperationDefinitionNode, request: Request, context: Context
    ) -> Answer | None:
        """The answer of one statement, or None for what has to be resolved."""
        if not self.compiles or prepared.document is None:
            return None
        found = await self.compiler.answer(
            Asking(request.query, prepared.document, operation, request.variables), context
        )
        return None if found is None else Answer([], orjson.Fragment(found), executor=COMPILED)

    async def _resolved(self, prepared: Prepared, request: Request, context: Context) -> Answer:
        """The answer of GraphQL's own executor, resolver by resolver."""
        assert prepared.document is not None, "only what is valid is executed"
        result = execute(
            self.schema._schema,
            prepared.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            executor_class=self.schema.execution_context_class,
        )
        return await self._answered(result, context)

    async def _answered(self, result: Any, context: Context) -> Answer:
        done = await result if inspect.isawaitable(result) else result
        answer = self._answer(done, context)
        await record_refusals(context, answer.errors)
        return answer

    async def subscribe(self, request: Request, context: Context) -> Subscribed | Answer:
        """Begin a subscription, which the request is known to ask for; an answer where it is refused."""
        prepared = self.prepare(request.query)
        document, operation = prepared.document, prepared.operation(request.operation_name)
        assert document is not None, "only what is valid is subscribed to"
        assert operation is not None, "only what is known is subscribed to"
        try:
            self.limiter.admit(prepared, operation, request)
        except ProblemError as problem:
            return refusal(context.language, problem)
        build = self.schema.execution_context_class.build
        variables = dict(request.variables)
        execution: Any = build(self.schema._schema, document, None, context, variables, request.operation_name)
        if isinstance(execution, list):
            return await self._answered(ExecutionResult(None, errors=execution), context)
        made: Any = create_source_event_stream(execution)
        found = await made if inspect.isawaitable(made) else made
        return Subscribed(found, execution) if isinstance(found, Source) else await self._answered(found, context)

    async def deliver(self, subscribed: Subscribed, context: Context, value: Any) -> Answer:
        """What a subscription answers where its field is `value`, in a context of this event's own."""
        execution = subscribed.execution.build_per_event_executor(value)
        execution.context_value = context
        return await self._answered(execute_subscription_event(execution), context)

    def _answer(self, result: ExecutionResult, context: Context) -> Answer:
        errors = [_told(error, context) for error in result.errors or ()]
        if result.data is None and all(error.path is None for error in result.errors or ()):
            return Answer(errors, refused=True)
        return Answer(errors, result.data)


def _nul_errors(document: DocumentNode, query: str) -> Iterator[GraphQLError]:
    """Literals with U+0000, which an escape can spell: PostgreSQL keeps none in texts."""
    if "\\u" not in query:
        return
    found: list[StringValueNode] = []

    class Literals(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
            if "\x00" in node.value:
                found.append(node)

    visit(document, Literals())
    yield from (GraphQLError("Texts hold no U+0000", node) for node in found)


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether an operation changes something."""
    return operation.operation is OperationType.MUTATION


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Whether an operation is answered again and again."""
    return operation.operation is OperationType.SUBSCRIPTION


def _as_validation(error: GraphQLError) -> GraphQLError:
    error.extensions = {"code": "GRAPHQL_VALIDATION", **(error.extensions or {})}
    return error


def _told(error: GraphQLError, context: Context) -> dict[str, Any]:
    """An execution error as the client may see it; what nobody foresaw is logged and masked."""
    cause = error.original_error
    told: dict[str, Any] = dict(error.formatted)
    if isinstance(cause, RejectedError):
        context.note_refusal(cause, cause.plugin)
        told["message"] = _rejection_text(cause, context.language)
        told["extensions"] = {"code": cause.code, "argument": ".".join(cause.path)}
    elif isinstance(cause, ProblemError):
        told |= cause.told(context.language)
    elif isinstance(cause, TamperedError):
        told |= altered(cause, context.district.key, path=error.path).told(context.language)
    elif error.path is None or (isinstance(cause, GraphQLError) and cause.message.startswith("Argument ")):
        told["message"] = in_words(error.message, context.language)
        told["extensions"] = {"code": "GRAPHQL_VALIDATION"}
    elif not (error.extensions or {}).get("code"):
        told |= failed(cause or error, context.district.key, path=error.path).told(context.language)
    return told


def _rejection_text(rejection: RejectedError, language: str) -> str:
    if isinstance(rejection, ValidationError) and len(rejection.problems) == 1:
        return translate(rejection.problems[0].message, language)
    return translate(rejection.message, language)
