"""`linli import boundaries`: GeoJSON by code, checked as a whole, with gaps and overlaps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.cli.projects import Linli, Project

ORGS = """\
code,level,name,parent_code
430602001000,SUBDISTRICT,岳阳楼街道,430602000000
430602001001,COMMUNITY,东社区,430602001000
430602001002,COMMUNITY,西社区,430602001000
U1,RESIDENT_UNIT,单位,430602001000
U1,TEAM,队伍,430602001000
"""
DRAWN = """SELECT n.code, b.area, b.valid_to IS NULL FROM core_org_boundary AS b
JOIN core_org_node AS n ON n.id = b.node_id ORDER BY n.code, b.valid_to IS NULL"""
STREET, EAST, WEST = "430602001000", "430602001001", "430602001002"


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(code: Any, geometry: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, **more}, "geometry": geometry}


def write(folder: Path, *features: Any, **more: Any) -> Path:
    file = folder / "drawn.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), "utf-8")
    return file


WHOLE = (
    feature(STREET, box(113.0, 29.0, 113.2, 29.1)),
    feature(int(EAST), box(113.1, 29.0, 113.2, 29.1)),
    feature(WEST, box(113.0, 29.0, 113.1, 29.1)),
)


def lines(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


@pytest.fixture
def peopled(linli: Linli, migrated: Project) -> Project:
    """A district with a subdistrict, two communities, and a unit and a team of one code."""
    file = migrated.folder / "orgs.csv"
    file.write_text(ORGS, "utf-8")
    assert linli("import", "orgs", file, "--config", migrated.config).exit_code == 0
    return migrated


def test_outlines_that_fit_are_drawn_and_drawn_again_change_nothing(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    orgs = project.folder / "orgs.csv"
    orgs.write_text(ORGS, "utf-8")
    options = ("--district", project.key, "--config", project.config)
    assert linli("import", "orgs", orgs, *options).exit_code == 0
    file = write(project.folder, *WHOLE)
    result = linli("import", "boundaries", file, *options)
    assert result.exit_code == 0, result.output
    header, *rows = lines(result.stdout)
    assert header == ["feature", "kind", "code", "name", "before, m²", "after, m²", "done"]
    assert [(row[0], row[2], row[4], row[6]) for row in rows] == [
        ("1", STREET, "", "written"),
        ("2", EAST, "", "written"),
        ("3", WEST, "", "written"),
    ]
    assert abs(int(rows[0][5]) - int(rows[1][5]) - int(rows[2][5])) <= 2
    assert result.stderr == "features: 3, unchanged: 0\nchanged: 3, written\n"
    again = linli("import", "boundaries", file, *options)
    assert (again.stdout, again.stderr) == ("", "features: 3, unchanged: 3\n")
    assert [row[0] for row in project.query(DRAWN)] == [STREET, EAST, WEST]


def test_gaps_overlaps_and_what_lies_outside_are_listed_with_their_area(linli: Linli, peopled: Project) -> None:
    file = write(
        peopled.folder,
        feature(STREET, box(113.0, 29.0, 113.2, 29.1)),
        feature(EAST, box(113.09, 29.0, 113.21, 29.1)),
        feature(WEST, box(113.0, 29.0, 113.1, 29.05)),
    )
    result = linli("import", "boundaries", file, "--dry-run", "--config", peopled.config)
    assert result.exit_code == 0, result.output
    found = {row[0]: row for row in lines(result.stdout)}
    assert found["gap"][1:4] == ["COMMUNITY", STREET, ""]
    assert found["overlap"][3] == f"{EAST}, {WEST}"
    assert found["outside the parent"][3] == EAST
    areas = [int(found[name][4]) for name in ("gap", "overlap", "outside the parent")]
    assert [round(area / areas[1], 1) for area in areas] == [9.0, 1.0, 2.0]
    assert 113.0 < float(found["gap"][5]) < 113.09
    assert 29.05 < float(found["gap"][6]) < 29.1
    assert "changed: 3, not written" in result.stderr
    assert f"overlap: 1, {areas[1]} m² in all" in result.stderr
    assert peopled.query(DRAWN) == []


def test_gaps_are_not_told_while_outlines_are_missing(linli: Linli, peopled: Project) -> None:
    file = write(peopled.folder, *WHOLE[:2])
    result = linli("import", "boundaries", file, "--config", peopled.config)
    assert [row[0] for row in lines(result.stdout)] == ["feature", "1", "2"]
    assert result.stderr.endswith("no gaps were looked for beneath 2 parents, where some have no outline\n") or (
        "beneath 1 parents" in result.stderr
    )


def test_what_was_replaced_is_kept_as_a_file_that_brings_it_back(linli: Linli, peopled: Project) -> None:
    file = write(peopled.folder, *WHOLE[:2])
    assert linli("import", "boundaries", file, "--config", peopled.config).exit_code == 0
    before = peopled.query(DRAWN)
    earlier = peopled.folder / "earlier.geojson"
    file = write(peopled.folder, feature(EAST, box(113.15, 29.0, 113.2, 29.1)), WHOLE[2])
    result = linli("import", "boundaries", file, "--earlier", earlier, "--config", peopled.config)
    assert result.exit_code == 0, result.output
    assert peopled.query(DRAWN) != before
    undone = linli("import", "boundaries", earlier, "--config", peopled.config)
    assert undone.exit_code == 0, undone.output
    assert [row for row in peopled.query(DRAWN) if row[2]] == before


GOOD = box(113.0, 29.0, 113.1, 29.1)
PROBLEMS = [
    ("x", ("type", "FEATURE")),
    ({"type": "Feature", "properties": None, "geometry": GOOD}, ("properties.code", "CODE_MISSING")),
    (feature("999", GOOD), ("properties.code", "CODE_UNKNOWN")),
    (feature(STREET, GOOD, kind="VILLAGE"), ("properties.kind", "KIND_UNKNOWN")),
    (feature("U1", GOOD), ("properties.kind", "CODE_AMBIGUOUS")),
    (feature(EAST, GOOD), ("properties.code", "CODE_TWICE")),
    (feature(STREET, {"type": "Point", "coordinates": [113.0, 29.0]}), ("geometry", "GEOMETRY")),
    (feature(WEST, box(29.0, 113.0, 29.1, 113.1)), ("geometry.coordinates.0.0", "OUTSIDE_CHINA")),
]


def test_with_one_wrong_feature_nothing_is_drawn_and_every_problem_told(linli: Linli, peopled: Project) -> None:
    file = write(
        peopled.folder, feature(EAST, GOOD), *(wrong for wrong, _ in PROBLEMS), feature("U1", GOOD, kind="TEAM")
    )
    result = linli("import", "boundaries", file, "--config", peopled.config)
    assert result.exit_code == 1
    header, *rows = lines(result.stdout)
    assert header == ["feature", "where", "code", "problem"]
    assert [tuple(row[:3]) for row in rows] == [(str(n), *told) for n, (_, told) in enumerate(PROBLEMS, start=2)]
    assert result.stderr.endswith(f"error: problems: {len(PROBLEMS)}, so nothing is changed; mend them and repeat\n")
    assert peopled.query(DRAWN) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "file: This is no JSON"),
        (b"[]", "file: A GeoJSON FeatureCollection is expected"),
        (b'{"type": "FeatureCollection"}', "file: A GeoJSON FeatureCollection is expected"),
        (
            b'{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:3857"}}}',
            "file.crs: The file says it is in EPSG:3857; convert it",
        ),
    ],
)
def test_what_is_no_file_of_outlines_is_refused(linli: Linli, migrated: Project, content: bytes, told: str) -> None:
    file = migrated.folder / "x.geojson"
    file.write_bytes(content)
    result = linli("import", "boundaries", file, "--config", migrated.config)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {told}")


def test_a_file_of_another_datum_and_date_is_drawn_as_said(linli: Linli, peopled: Project) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    file = write(peopled.folder, WHOLE[0], crs=crs)
    options = ("--since", "2026-01-01T00:00:00+08:00", "--crs", "GCJ02", "--config", peopled.config)
    assert linli("import", "boundaries", file, *options).exit_code == 0
    (row,) = peopled.query("SELECT west, crs, valid_from FROM core_org_boundary")
    assert row[1] == "GCJ02"
    assert 30_000 < 1_130_000_000 - int(row[0]) < 100_000
    assert str(row[2]).startswith("2025-12-31 16:00:00")
    file = write(peopled.folder, WHOLE[1])
    assert linli("import", "boundaries", file, "--since", "ever", "--config", peopled.config).exit_code == 0
    assert peopled.query("SELECT valid_from FROM core_org_boundary WHERE crs = 'CGCS2000'") == [(None,)]
    file = write(peopled.folder, WHOLE[2])
    earlier = linli("import", "boundaries", file, "--since", "2999-01-01", "--config", peopled.config)
    assert (earlier.exit_code, "is in the future" in earlier.stderr) == (1, True)
    wrong = linli("import", "boundaries", file, "--crs", "WGS48", "--config", peopled.config)
    assert (wrong.exit_code, 'did you mean "WGS84"' in wrong.stderr) == (2, True)
