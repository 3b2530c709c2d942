"""Outlines of places: areas on the map, their GeoJSON, and exact geometry on whole numbers. 边界轮廓。"""

from __future__ import annotations

from .geojson import read, written
from .shapes import Box, Shape

__all__ = ["Box", "Shape", "read", "written"]
