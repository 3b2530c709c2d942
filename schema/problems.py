"""What concerns a request as such: `errors` with a code in `extensions`, in the caller's language."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from linli.core.errors import Text, text
from linli.core.languages import translate


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
