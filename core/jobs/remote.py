"""Speaking to a server from another process on the same machine: above all, moving a scenario server on."""

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
    status, answer = exchange("POST", port, PATH, json.dumps({"to": to.isoformat()}), patience)
    if status == HTTPStatus.NOT_FOUND:
        told = text("The server at port {port} was not started with --clock", port=port)
        raise RejectedError(told, code="NO_SCENARIO")
    if status != HTTPStatus.OK:
        raise RejectedError(str(answer.get("message", status)), code=str(answer.get("code", "REJECTED")), path=["to"])
    return answer


def exchange(method: str, port: int, path: str, body: str | None, patience: float) -> tuple[int, dict[str, Any]]:
    """Send a request to a server on this machine: the status and, unless nothing is there (404), the JSON object.

    Raises RejectedError (SERVER_UNREACHABLE) where no server of Linli answers.
    """
    try:
        status, content = _send(method, port, path, body, patience)
        return status, {} if status == HTTPStatus.NOT_FOUND else dict(json.loads(content))
    except (OSError, HTTPException, ValueError, TypeError) as error:
        raise unreachable(port, error) from error


def unreachable(port: int, reason: object) -> RejectedError:
    """Nobody answers, or somebody else."""
    told = text("No server of Linli answers at port {port}: {reason}", port=port, reason=reason)
    return RejectedError(told, code="SERVER_UNREACHABLE")


def _send(method: str, port: int, path: str, body: str | None, patience: float) -> tuple[int, bytes]:
    connection = HTTPConnection("localhost", port, timeout=patience)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
