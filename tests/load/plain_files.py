"""Files without Linli: a Starlette route that keeps what a form holds, and one that hands it out, as its docs say."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route


def application(folder: Path) -> Starlette:
    """Keeps one file in a folder."""
    kept = folder / "plain"

    async def take(request: Request) -> Response:
        async with request.form() as form:
            came = form["file"]
            assert isinstance(came, UploadFile)
            with kept.open("wb") as written:
                await run_in_threadpool(shutil.copyfileobj, came.file, written)
        return JSONResponse({"size": kept.stat().st_size})

    async def hand_out(_request: Request) -> Response:
        return FileResponse(kept)

    return Starlette(routes=[Route("/files", take, methods=["POST"]), Route("/files/one", hand_out)])


def main(folder: Path) -> None:
    """Serve on a free port, which is printed."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(application(folder), http="httptools", loop="uvloop", log_level="error")
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
