"""The routes of one district's files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from linli.core.counters import UPLOAD_FAILED, UPLOAD_KEPT, UPLOAD_REFUSED, counters
from linli.core.crypto.suites import TamperedError
from linli.core.districts import District
from linli.core.errors import RejectedError, text
from linli.core.files.room import no_room, out_of_room
from linli.schema.problems import ProblemError, altered, bad_request, masked, unauthenticated

from ..authentication import viewer
from ..graphql_endpoint import idempotency_key
from ..graphql_request import BadRequestError
from .answers import kept, language_of, problem_answer, refused
from .download import download
from .upload import upload

CLIENT_ERROR, SERVER_ERROR = 400, 500

log = structlog.get_logger(__name__)


class FilesEndpoint:
    """Takes files, and hands them out by links."""

    def __init__(self, district: District) -> None:
        self._district = district

    async def take(self, request: Request) -> Response:
        """Answer an upload: 201 for a new file, 200 for one that the same request brought before."""
        response = await self._answered(request, self._take)
        counters.add(_became(response.status_code), self._district.key)
        return response

    async def hand_out(self, request: Request) -> Response:
        """Answer a link."""
        return await self._answered(request, self._hand_out)

    async def _take(self, request: Request) -> Response:
        if request.method != "POST":
            raise BadRequestError(405, text("Send files by POST"), {"Allow": "POST"})
        asking = await viewer(request, self._district)
        if asking.anonymous:
            raise unauthenticated()
        try:
            file, new = await upload(request, self._district, asking, idempotency_key(request))
        except Exception as failure:  # of storages too, which raise what they like
            if not out_of_room(failure):
                raise
            log.error("file_not_kept_for_lack_of_room", district=self._district.key, exc_info=failure)
            raise no_room() from failure
        return kept(file, 201 if new else 200)

    async def _hand_out(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise BadRequestError(405, text("Fetch files by GET"), {"Allow": "GET, HEAD"})
        return await download(request, self._district)

    async def _answered(self, request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        language, key = language_of(request, self._district), self._district.key
        try:
            with self._district.scope():
                return await answer(request)
        except Exception as error:  # what nobody foresaw is masked
            return _failed(error, language, key)


def _became(status: int) -> str:
    if status >= SERVER_ERROR:
        return UPLOAD_FAILED
    return UPLOAD_REFUSED if status >= CLIENT_ERROR else UPLOAD_KEPT


def _failed(error: Exception, language: str, key: str) -> Response:
    match error:
        case RejectedError():
            return refused(error, language)
        case BadRequestError():
            return problem_answer(bad_request(error.message), error.status, language, error.headers)
        case ProblemError():
            unknown = (error.extensions or {}).get("code") in ("UNAUTHENTICATED", "TOKEN_EXPIRED")
            return problem_answer(error, 401 if unknown else 400, language)
        case ClientDisconnect():
            log.info("upload_broken_off", district=key)
            return Response(status_code=400)
    problem = altered(error, key) if isinstance(error, TamperedError) else masked(error, key)
    return problem_answer(problem, 500, language)
