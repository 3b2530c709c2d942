"""What stands in for a district that cannot be served now."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from linli.core.errors import Text
from linli.core.languages import LANGUAGES, negotiate

from ..execution import refusal
from ..problems import ProblemError


class Unavailable:
    """Answers DISTRICT_UNAVAILABLE to everything, with 503, or 404 where there is no such district.

    `code` is another one where more is known: DATABASE_UNAVAILABLE.
    """

    def __init__(self, reason: Text, status: int = 503, code: str = "DISTRICT_UNAVAILABLE") -> None:
        self._reason, self._status, self._code = reason, status, code

    async def handle(self, request: Request) -> Response:
        language = negotiate(request.headers.get("accept-language"), LANGUAGES[0])
        told = refusal(language, ProblemError(self._code, self._reason))
        return Response(orjson.dumps(told.body()), self._status, media_type="application/json; charset=utf-8")
