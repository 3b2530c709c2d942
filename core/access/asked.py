"""A viewer that notes what it is asked, so that one answer serves all who would have said the same. 同等权限共享。

What is answered to a viewer is made of what the viewer says when asked, and of what is the same for everybody. So
whoever says the same to everything that was asked while an answer was made would get that answer too. What is allowed
where is not noted: only viewers who may do the same at the same places (`Grants.reach`) are compared.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from uuid import UUID

from .viewer import Viewer

Question = tuple[str, tuple[Hashable, ...]]


class Asked:
    """What a viewer was asked and said, in the order of asking."""

    def __init__(self) -> None:
        self._said: dict[Question, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._said)

    def note(self, question: Question, said: Any) -> None:
        """It was asked this, and said that."""
        self._said[question] = said

    def suits(self, viewer: Viewer) -> bool:
        """Whether another viewer says the same to everything."""
        return all(_said(viewer, question) == said for question, said in self._said.items())

    def by(self, viewer: Viewer) -> tuple[Hashable, ...]:
        """What another viewer says to everything."""
        return tuple(_said(viewer, question) for question in self._said)


def _said(viewer: Viewer, question: Question) -> Any:
    name, arguments = question
    found = getattr(viewer, name)
    return found(*arguments) if arguments else found


class _Noted:
    """An attribute of a viewer, noted where it is read."""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, viewer: AskedViewer | None, _owner: type | None = None) -> Any:
        return self if viewer is None else viewer.tell(self._name)


class AskedViewer(Viewer):
    """A viewer that notes what is asked of it; made by `asking`."""

    account_id = _Noted()
    username = _Noted()
    person_id = _Noted()
    grants = _Noted()
    session_id = _Noted()
    narrowed = _Noted()
    person_confirmed = _Noted()
    behind = _Noted()
    acts = _Noted()
    anonymous = _Noted()
    own_person = _Noted()
    accounts = _Noted()
    persons = _Noted()

    _viewer: Viewer
    _whole: Viewer
    _asked: Asked

    def __new__(cls, *values: Any, **named: Any) -> Viewer:  # type: ignore[misc]
        """`dataclasses.replace` makes a plain viewer of it: everything was read for that, and so is noted."""
        return Viewer(*values, **named)

    def tell(self, name: str, *arguments: Hashable) -> Any:
        """What the viewer says, noted for whoever is asked."""
        question = name, arguments
        self._asked.note(question, _said(self._whole, question))
        return _said(self._viewer, question)

    def owns(self, person_id: UUID) -> bool:
        """As of a viewer; noted is the answer alone."""
        return bool(self.tell("owns", person_id))

    def is_account(self, account_id: UUID | None) -> bool:
        """As of a viewer; noted is the answer alone."""
        return bool(self.tell("is_account", account_id))

    def acts_in(self, person_id: UUID, area: str | None) -> bool:
        """As of a viewer; noted is the answer alone."""
        return bool(self.tell("acts_in", person_id, area))

    def subtrees(self, permission: str) -> tuple[str, ...]:
        """As of a viewer: it follows from what is allowed where."""
        return self._viewer.subtrees(permission)

    def covers(self, permission: str, other: str) -> bool:
        """As of a viewer: it follows from what is allowed where."""
        return self._viewer.covers(permission, other)

    def permissions_at(self, path: str) -> frozenset[str]:
        """As of a viewer: it follows from what is allowed where."""
        return self._viewer.permissions_at(path)

    def near(self, path: str) -> Viewer:
        """The same with less; what is asked of it is asked of the whole."""
        return _made(self._viewer.near(path), self._whole, self._asked)


def asking(viewer: Viewer) -> tuple[Viewer, Asked]:
    """The viewer as one that notes, and what it will have been asked."""
    asked = Asked()
    return _made(viewer, viewer, asked), asked


def _made(viewer: Viewer, whole: Viewer, asked: Asked) -> Viewer:
    made = object.__new__(AskedViewer)
    made.__dict__.update(_viewer=viewer, _whole=whole, _asked=asked)
    return made
