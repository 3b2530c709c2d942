"""The tree as it will be: where every place stands once an import is written."""

from __future__ import annotations

from collections.abc import Collection

from .places import Place


class Layout:
    """Final parents and paths, for the stored places that are moved and for all that are added."""

    def __init__(self, moved: Collection[Place]) -> None:
        self._moved = frozenset(moved)
        self._paths: dict[Place, str] = {}

    def parent(self, place: Place) -> Place | None:
        """The parent that it will have."""
        return place.wanted if not place.stored or place in self._moved else place.parent

    def path(self, place: Place) -> str:
        """The path that it will have."""
        waiting: list[Place] = []
        here: Place | None = place
        while here is not None and not self._is_known(here):
            waiting.append(here)
            here = self.parent(here)
        path = self._paths.get(here, here.path) if here else ""
        for below in reversed(waiting):
            path = self._paths[below] = path + below.segment
        return path

    def _is_known(self, place: Place) -> bool:
        return place in self._paths or (place.stored and not self._moved)
