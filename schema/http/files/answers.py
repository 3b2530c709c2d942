"""What the routes of files answer: JSON for a file that came, the errors of GraphQL for one that is refused."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from linli.core.districts import District
from linli.core.errors import RateLimitedError, RejectedError, ValidationError
from linli.core.files.models import File
from linli.core.languages import negotiate
from linli.schema.execution import refusal
from linli.schema.problems import ProblemError
from linli.schema.scalars import global_id

JSON = "application/json; charset=utf-8"
STATUSES: Mapping[str, int] = {
    "VALIDATION": 400,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "IDEMPOTENCY_KEY_REUSED": 409,
    "FILE_EXPIRED": 410,
    "LINK_EXPIRED": 410,
    "FILE_TOO_LARGE": 413,
    "FILE_TYPE": 415,
    "FILE_MISLABELLED": 415,
    "FILE_POLYGLOT": 415,
    "RATE_LIMITED": 429,
    "FILE_NOT_SCANNED": 503,
    "FILE_NO_ROOM": 507,
}
OTHERWISE = 422


def language_of(request: Request, district: District) -> str:
    """In which language to answer."""
    return negotiate(request.headers.get("accept-language"), district.configuration.language)


def kept(file: File, status: int) -> Response:
    """That a file was kept, and how it is called from now on."""
    told = {
        "id": global_id("File", file.id),
        "name": None if file.name is None else file.name.decrypt(),
        "size": file.size,
        "mediaType": file.media_type,
        "sha256": None if file.sha256 is None else file.sha256.decrypt(),
        "expiresAt": None if file.expires_at is None else file.expires_at.isoformat(),
    }
    return Response(orjson.dumps(told), status, media_type=JSON)


def refused(rejection: RejectedError, language: str) -> Response:
    """Why nothing was kept, or is shown."""
    problem = rejection.problems[0] if isinstance(rejection, ValidationError) and rejection.problems else None
    told = ProblemError(
        rejection.code,
        rejection.message if problem is None else problem.message,
        argument=".".join(rejection.path),
        plugin=rejection.plugin,
        details=rejection.details,
    )
    headers = {}
    if isinstance(rejection, RateLimitedError):
        headers["Retry-After"] = str(rejection.retry_after)
    return problem_answer(told, STATUSES.get(rejection.code, OTHERWISE), language, headers)


def problem_answer(
    problem: ProblemError, status: int, language: str, headers: Mapping[str, str] | None = None
) -> Response:
    """An error of the request as such."""
    body = orjson.dumps(refusal(language, problem).body())
    return Response(body, status, headers=dict(headers or {}), media_type=JSON)
