"""Whose place a point is, among two thousand outlines that share their borders; and how long drawing them takes."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

from linli.core.clock import monotonic
from linli.core.districts import District

from . import people
from .deployments import CODE, Deployment, deployed
from .engines import Engine, engines, say
from .processes import linli, run, serving
from .sizes import Size
from .tables import Table, figure, milliseconds
from .wire import Connection, WrongAnswerError, body, connections

SIDES = {"SUBDISTRICT": 5, "COMMUNITY": 20, "GRID": 40}
"""How many of a kind lie side by side: 25, 400 and 1,600 in a square, and the district around them."""
FINE, CORNERS = 40, 8
"""Grids along a side of the square, and corners along a side of a grid."""
WEST, SOUTH, CELL = 113.0, 29.0, 0.005
JITTER = 0.3
ASK = "query ($point: PointInput!) { orgAt(point: $point) { code kind } }"
WARM = 20


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine."""
    yield Table(
        "The organisation around a point, among 2,026 outlines",
        ("engine", "drawing, s", "asked", "p50, ms", "p99, ms"),
        [row(engine, size.points) for engine in engines()],
        "Drawing is `linli import boundaries` with everything, the search for gaps included. Asking is a whole request "
        "over HTTP, one after the other; each answer is checked.",
    )


def row(engine: Engine, points: int) -> tuple[str, ...]:
    """Draw the outlines, ask for points, and answer the table's row; raises WrongAnswerError."""
    say(f"outlines: {engine.name}")
    with deployed(engine, {"district": ()}) as deployment:
        key = deployment.keys["district"]
        orgs, outlines = deployment.folder / "orgs.csv", deployment.folder / "outlines.geojson"
        orgs.write_text("code,level,name,parent_code\n" + "".join(_lines()), "utf-8")
        outlines.write_text(json.dumps({"type": "FeatureCollection", "features": list(_features())}), "utf-8")
        run(linli(deployment.config, "import", "orgs", "--district", key, str(orgs)))
        began = monotonic()
        run(linli(deployment.config, "import", "boundaries", "--district", key, str(outlines)))
        drawn = monotonic() - began
        seconds = milliseconds(asyncio.run(_asked(deployment, points)))
        p99 = quantiles(seconds, n=100)[98]
        return engine.name, figure(drawn), str(points), figure(quantiles(seconds, n=2)[0]), figure(p99)


def code_of(kind: str, column: int, row: int) -> str:
    """The code of the one of a kind in a place of its lattice."""
    street = f"{CODE[:6]}{1 + column * 5 // SIDES[kind] + 5 * (row * 5 // SIDES[kind]):03d}"
    if kind == "SUBDISTRICT":
        return f"{street}000"
    share = SIDES["COMMUNITY"]
    across, down = column * share // SIDES[kind], row * share // SIDES[kind]
    community = f"{street}{1 + across % 4 + 4 * (down % 4):03d}"
    return community if kind == "COMMUNITY" else f"{community}-G{column % 2 + 2 * (row % 2)}"


def _above(kind: str, code: str) -> str:
    """The code of the parent."""
    return {"SUBDISTRICT": CODE, "COMMUNITY": f"{code[:9]}000", "GRID": code[:12]}[kind]


def _lines() -> Iterator[str]:
    for kind, side in SIDES.items():
        for row in range(side):
            for column in range(side):
                code = code_of(kind, column, row)
                yield f"{code},{kind},示例{code},{_above(kind, code)}\n"


def _features() -> Iterator[dict[str, Any]]:
    yield _feature(CODE, _ring(0, 0, FINE))
    for kind, side in SIDES.items():
        width = FINE // side
        for row in range(side):
            for column in range(side):
                yield _feature(code_of(kind, column, row), _ring(column * width, row * width, width))


def _feature(code: str, ring: list[list[float]]) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def _ring(column: int, row: int, width: int) -> list[list[float]]:
    """The corners around a square of grids; neighbours have the same ones along a common side."""
    west, south, far = column * CORNERS, row * CORNERS, width * CORNERS
    way = [
        *((west + n, south) for n in range(far)),
        *((west + far, south + n) for n in range(far)),
        *((west + far - n, south + far) for n in range(far)),
        *((west, south + far - n) for n in range(far)),
        (west, south),
    ]
    return [_corner(x, y) for x, y in way]


def _corner(x: int, y: int) -> list[float]:
    chance = random.Random(x * 1_000 + y)
    step = CELL / CORNERS
    shift = (JITTER * step * (chance.random() - 0.5) for _ in range(2))
    return [round(at + step * n + next(shift), 7) for at, n in ((WEST, x), (SOUTH, y))]


async def _asked(deployment: Deployment, points: int) -> list[float]:
    token = await deployment.inside("district", _token)
    with serving(deployment.config) as server:
        async with connections(server.endpoint(deployment.keys["district"]), token) as (connection,):
            return await _ask(connection, points)


async def _token(district: District) -> str:
    return await people.admin(district)


async def _ask(connection: Connection, points: int) -> list[float]:
    """Seconds of each answer; the first ones are not counted."""
    chance, taken = random.Random(8), []
    for turn in range(-WARM, points):
        column, row = chance.randrange(FINE), chance.randrange(FINE)
        where = [at + CELL * (n + chance.uniform(0.1, 0.9)) for at, n in ((WEST, column), (SOUTH, row))]
        sent = body(ASK, point={"lon": where[0], "lat": where[1]})
        began = monotonic()
        answer = json.loads(await connection.post(sent))
        if turn >= 0:
            taken.append(monotonic() - began)
        if answer.get("data") != {"orgAt": {"code": code_of("GRID", column, row), "kind": "GRID"}}:
            raise WrongAnswerError(f"at {where}: {answer}")
    return taken
