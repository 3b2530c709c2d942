"""What concerns a request as such: `errors` with a code in `extensions`, in the caller's language."""

from __future__ import annotations

from typing import Any

import structlog
from graphql import GraphQLError

from linli.core.errors import Text, text
from linli.core.languages import translate
from linli.core.records.failures import Failure, failure_of
from linli.core.records.record import new_id

log = structlog.get_logger(__name__)


class ProblemError(GraphQLError):
    """A request error with a stable code; its text is translated when it is shown."""

    def __init__(self, code: str, message: Text, **extensions: Any) -> None:
        super().__init__(str(message), extensions={"code": code, **extensions})
        self.text = message

    def told(self, language: str) -> dict[str, Any]:
        """The error as a client gets it."""
        return {"message": translate(self.text, language), "extensions": dict(self.extensions or {})}


def unauthenticated() -> ProblemError:
    """There is no token."""
    return ProblemError("UNAUTHENTICATED", text("This needs a token: Authorization: Bearer <token>"))


def bad_request(message: Text) -> ProblemError:
    """The request cannot be read."""
    return ProblemError("BAD_REQUEST", message)


def too_slow(seconds: int) -> ProblemError:
    """The request was stopped; what one of several mutations did before may stand."""
    told = text(
        "This took longer than {limit} seconds and was stopped; repeat a mutation with the same requestId",
        limit=seconds,
    )
    return ProblemError("TIMEOUT", told)


def altered(error: BaseException, district: str, **where: Any) -> ProblemError:
    """A value was altered in the database, or is another row's: the log says which, the client sees nothing of it."""
    error_id = str(new_id())
    log.error("value_altered", error_id=error_id, district=district, value=str(error), **where)
    told = text("A value was altered in the database and is not shown; tell us the id {error_id}", error_id=error_id)
    return ProblemError("VALUE_ALTERED", told, errorId=error_id)


_FAILED = {
    Failure.FULL: text("There is no space left to store anything; nothing was changed: tell us, and try again later"),
    Failure.UNAVAILABLE: text("The database does not answer at the moment; repeat a mutation with the same requestId"),
}


def failed(error: BaseException, district: str, **where: Any) -> ProblemError:
    """What a client is told of an error: that the database failed, or, of what nobody foresaw, where we find it."""
    failure = failure_of(error)
    if failure is None:
        return masked(error, district, **where)
    error_id = str(new_id())
    log.error("database_failed", error_id=error_id, district=district, failure=failure.value, exc_info=error, **where)
    return ProblemError(failure.value, _FAILED[failure], errorId=error_id)


def masked(error: BaseException, district: str, **where: Any) -> ProblemError:
    """What nobody foresaw: the log has it, the client an id by which it is found there."""
    error_id = str(new_id())
    log.error("unexpected_error", error_id=error_id, district=district, exc_info=error, **where)
    told = text("Something went wrong on our side; tell us the id {error_id}", error_id=error_id)
    return ProblemError("INTERNAL", told, errorId=error_id)
