"""Moving a running scenario server on, from another process on the same machine."""

from __future__ import annotations

import json
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any

from ..errors import RejectedError, text

PATH = "/clock"
PATIENCE_SECONDS = 3600.0
"""How long the server may take to carry out what falls due on the way."""


def advance(port: int, to: datetime, *, patience: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """Move the server at a port on to an instant; answers `{"now": .., "fired": n, "failed": n}`.

    Raises RejectedError: SERVER_UNREACHABLE, NO_SCENARIO where it runs at the present time, and what it refuses
    itself, CLOCK_BACKWARDS above all.
    """
    try:
        status, content = _post(port, json.dumps({"to": to.isoformat()}), patience)
        if status == HTTPStatus.NOT_FOUND:
            told = text("The server at port {port} was not started with --clock", port=port)
            raise RejectedError(told, code="NO_SCENARIO")
        answer: dict[str, Any] = dict(json.loads(content))
    except (OSError, HTTPException, ValueError, TypeError) as error:
        told = text("No server of Linli answers at port {port}: {reason}", port=port, reason=error)
        raise RejectedError(told, code="SERVER_UNREACHABLE") from error
    if status != HTTPStatus.OK:
        raise RejectedError(str(answer.get("message", status)), code=str(answer.get("code", "REJECTED")), path=["to"])
    return answer


def _post(port: int, body: str, patience: float) -> tuple[int, bytes]:
    connection = HTTPConnection("localhost", port, timeout=patience)
    try:
        connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
