"""Links to files through a server as it runs: whole, in parts, and by HEAD, over one connection."""

from __future__ import annotations

import random

import httpx

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, serving
from tests.security.test_file_processes import PURPOSE, link
from tests.security.test_key_rotation import token_of_an_admin

CONTENT = b"%PDF-1.7\n% " + random.Random(7).randbytes(400_000) + b"\n%%EOF\n"
"""Several chunks, so that parts begin and end within, at and across them."""
SIZE = len(CONTENT)


def test_whole_parts_and_heads_of_a_file_come_over_one_connection(linli: Linli, project: Project) -> None:
    token = token_of_an_admin(linli, project)
    with serving(project) as server, httpx.Client(timeout=PATIENCE) as http:
        sent = http.post(
            f"{server.url}/d/{project.key}/files",
            data={"purpose": PURPOSE},
            files={"file": ("承诺书.pdf", CONTENT)},
            headers={"authorization": f"Bearer {token}"},
        )
        assert sent.status_code == 201, sent.text
        url = link(server, project, token, sent.json()["id"])
        head = http.head(url)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(SIZE))
        assert head.headers["accept-ranges"] == "bytes"
        whole = http.get(url)
        assert (whole.status_code, whole.content) == (200, CONTENT)
        assert {name: head.headers.get(name) for name in ("etag", "content-type", "content-disposition")} == {
            name: whole.headers[name] for name in ("etag", "content-type", "content-disposition")
        }
        for first, last in ((0, 0), (0, 65535), (65535, 65536), (65536, 131072), (70_000, 390_000), (SIZE - 1, SIZE)):
            part = http.get(url, headers={"range": f"bytes={first}-{last}"})
            assert (part.status_code, part.content) == (206, CONTENT[first : last + 1])
            end = min(last, SIZE - 1)
            assert part.headers["content-range"] == f"bytes {first}-{end}/{SIZE}"
            asked = http.head(url, headers={"range": f"bytes={first}-{last}"})
            assert (asked.status_code, asked.content) == (206, b"")
            assert asked.headers["content-length"] == str(len(part.content))
        resumed = http.get(url, headers={"range": "bytes=200000-", "if-range": whole.headers["etag"]})
        assert CONTENT[:200_000] + resumed.content == CONTENT
        tail = http.get(url, headers={"range": "bytes=-9"})
        assert (tail.status_code, tail.content) == (206, CONTENT[-9:])
        beyond = http.get(url, headers={"range": f"bytes={SIZE}-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{SIZE}")
        known = http.get(url, headers={"if-none-match": whole.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        for wrong in (http.head(url[:-1]), http.put(url), http.post(url)):
            assert wrong.status_code in {404, 405}
