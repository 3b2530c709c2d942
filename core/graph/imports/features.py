"""Reading a GeoJSON file of outlines: each feature, whose it is, and its shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ...decoding import decoded
from ...errors import FieldProblem, ValidationError, invalid, text
from ..kinds import Kinds
from ..models import OrgNode
from ..outlines import Shape, read
from ..points import Crs
from ..services.boundaries import Outline
from .boundary_report import BoundaryReport

_KNOWN_CRS = {"CRS84": Crs.WGS84, "4326": Crs.WGS84, "4490": Crs.CGCS2000}
"""The last part of the names that files from before RFC 7946 give in `crs`: OGC's WGS84, EPSG's WGS84 and CGCS2000."""


@dataclass(frozen=True)
class Feature:
    """A feature whose organisation is known; no shape where the file takes the outline away."""

    number: int
    node: OrgNode
    shape: Shape | None
    outline: Outline | None


def features_of(content: bytes) -> list[Any]:
    """The features of a file. Raises ValidationError: ENCODING, GEOJSON for what is no FeatureCollection, CRS_UNKNOWN
    for one that says it is in a datum that only a survey's software can convert."""
    try:
        given = orjson.loads(decoded(content).text)
    except orjson.JSONDecodeError as error:
        raise invalid("file", "GEOJSON", "This is no JSON: {reason}", reason=str(error)) from error
    if not isinstance(given, dict) or given.get("type") != "FeatureCollection":
        raise invalid("file", "GEOJSON", "A GeoJSON FeatureCollection is expected")
    features = given.get("features")
    if not isinstance(features, list):
        raise invalid("file", "GEOJSON", "A GeoJSON FeatureCollection is expected")
    _check_crs(given.get("crs"))
    return features


def _check_crs(stated: Any) -> None:
    if stated is None:
        return
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or name.rsplit(":", 1)[-1] not in _KNOWN_CRS:
        told = "The file says it is in {found}; convert it to WGS84 or CGCS2000, in degrees"
        raise invalid("file.crs", "CRS_UNKNOWN", told, found=name if isinstance(name, str) else "-")


class FeatureReader:
    """Reads features one by one and notes what is wrong with each."""

    def __init__(self, kinds: Kinds, crs: Crs, nodes: Mapping[str, list[OrgNode]], report: BoundaryReport) -> None:
        self._kinds, self._crs, self._nodes, self._report = kinds, crs, nodes, report
        self._named: dict[OrgNode, int] = {}

    def read(self, number: int, given: Any) -> Feature | None:
        """A feature; None where something is wrong with it."""
        try:
            node = self._node(number, given)
            geometry = given.get("geometry")
            shape = None if geometry is None else read(geometry, self._crs, path="geometry")
        except ValidationError as refused:
            for problem in refused.problems:
                self._report.refuse(number, problem)
            return None
        return Feature(number, node, shape, None if shape is None else Outline.of(shape, self._crs))

    def _node(self, number: int, given: Any) -> OrgNode:
        if not isinstance(given, dict) or given.get("type") != "Feature" or "geometry" not in given:
            raise invalid("type", "FEATURE", "A GeoJSON Feature with a geometry is expected")
        properties = given.get("properties")
        stated: dict[str, Any] = properties if isinstance(properties, dict) else {}
        code, kind = stated.get("code"), stated.get("kind")
        if isinstance(code, int) and not isinstance(code, bool):
            code = str(code)
        if not isinstance(code, str) or not code:
            raise invalid("properties.code", "CODE_MISSING", "The organisation's code is expected")
        if kind is not None and kind not in self._kinds.orgs:
            allowed = ", ".join(self._kinds.orgs)
            raise invalid("properties.kind", "KIND_UNKNOWN", "There is no {found}; there are: {allowed}",
                          found=str(kind), allowed=allowed)  # fmt: skip
        found = [node for node in self._nodes.get(code, ()) if kind in (None, node.kind)]
        if problem := self._wrong(code, found):
            raise ValidationError(problem)
        (node,) = found
        if (before := self._named.setdefault(node, number)) != number:
            raise invalid("properties.code", "CODE_TWICE", "Feature {other} has this code too", other=before)
        return node

    @staticmethod
    def _wrong(code: str, found: list[OrgNode]) -> FieldProblem | None:
        if not found:
            told = text("There is no organisation with the code {found}", found=code)
            return FieldProblem("properties.code", "CODE_UNKNOWN", told)
        if len(found) > 1:
            kinds = ", ".join(node.kind for node in found)
            told = text("Several organisations have the code {found}; give the kind: {kinds}", found=code, kinds=kinds)
            return FieldProblem("properties.kind", "CODE_AMBIGUOUS", told)
        return None


def codes_of(features: list[Any]) -> Iterator[str]:
    """The codes that a file names."""
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        code = properties.get("code") if isinstance(properties, dict) else None
        if isinstance(code, (str, int)):
            yield str(code)
