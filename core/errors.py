"""What a caller may cause, as exceptions: every one has a stable code and a text that is translated when it is shown.

Raised inside a unit of work they undo it. The GraphQL face answers each with the union member of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """A text for people: an English template with named places, looked up in `domain`'s catalogue when shown."""

    template: str
    params: Mapping[str, object] = field(default_factory=dict)
    domain: str = "core"

    def __str__(self) -> str:
        return self.template.format(**self.params)


def text(template: str, /, *, domain: str = "core", **params: object) -> Text:
    """Make a text; `text("At most {days} days", days=31)`."""
    return Text(template, params, domain)


class RejectedError(Exception):
    """A request that was understood and refused. 被拒绝的请求。

    `code` is stable and unlocalised, clients branch on it; `path` names the input that was refused, in GraphQL's
    spelling; `plugin` is who refused; `details` are PUBLIC values that help to mend the request.
    """

    code: str = "REJECTED"

    def __init__(
        self,
        message: Text | str,
        *,
        code: str | None = None,
        path: Sequence[str] = (),
        plugin: str = "core",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        self.message = message if isinstance(message, Text) else Text(message)
        self.code = code or type(self).code
        self.path = tuple(path)
        self.plugin = plugin
        self.details = dict(details or {})
        super().__init__(f"{self.code}: {self.message}")


class NotFoundError(RejectedError):
    """There is no such record, or the caller may not know of it: the two look alike on purpose."""

    code = "NOT_FOUND"


class ForbiddenError(RejectedError):
    """The caller sees the record and may not do this to it."""

    code = "FORBIDDEN"


@dataclass(frozen=True)
class FieldProblem:
    """One refused input: where, why (a stable code), and in words."""

    path: str
    code: str
    message: Text


class ValidationError(RejectedError):
    """The input breaks a rule that can be told from the input alone; every problem at once."""

    code = "VALIDATION"

    def __init__(self, *problems: FieldProblem, plugin: str = "core") -> None:
        self.problems = problems
        super().__init__(
            text("The input is not valid"),
            path=problems[0].path.split(".") if problems else (),
            plugin=plugin,
        )


def invalid(path: str, code: str, template: str, /, *, domain: str = "core", **params: object) -> ValidationError:
    """A ValidationError about one input."""
    return ValidationError(FieldProblem(path, code, text(template, domain=domain, **params)), plugin=domain)


class ConflictError(RejectedError):
    """The record is no longer as the caller believed: a stale version, an id or a code in use."""

    code = "CONFLICT"

    def __init__(
        self,
        message: Text | str,
        *,
        current: object | None = None,
        path: Sequence[str] = (),
        plugin: str = "core",
    ) -> None:
        self.current = current
        super().__init__(message, path=path, plugin=plugin)


class TakenError(ConflictError):
    """A personal value that another record has already: the caller learns that it is there, which is kept as a search.

    `subject_type` is the type of the record; the last part of `path` its column.
    """

    def __init__(self, message: Text | str, *, subject_type: str, path: Sequence[str], plugin: str = "core") -> None:
        self.subject_type = subject_type
        super().__init__(message, path=path, plugin=plugin)


class OverlappingError(RejectedError):
    """The time or place asked for is taken."""

    code = "OVERLAPPING"


class InvalidTransitionError(RejectedError):
    """The record's state does not allow this step."""

    code = "INVALID_TRANSITION"


class RateLimitedError(RejectedError):
    """Too many attempts; the same may be granted `retry_after` seconds later."""

    code = "RATE_LIMITED"

    def __init__(self, message: Text | str, retry_after: int, *, plugin: str = "core") -> None:
        self.retry_after = retry_after
        super().__init__(message, plugin=plugin, details={"retryAfterSeconds": retry_after})
