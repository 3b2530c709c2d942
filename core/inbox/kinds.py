"""Kinds of notifications: what they are called, in which words they tell it, and whether they ask for an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import TYPE_CHECKING

from ..errors import Text
from ..languages import translate
from ..records.classes import FieldClass
from .models import KIND_LENGTH

if TYPE_CHECKING:
    from ..districts import District

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LOST = "—"
"""Stands for a value that a notification was written without: its kind has got other words since."""


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notification: `NoticeKind("venues.approved", text("Booking approved"), text("{venue}, {time}"))`.

    `title` has no places, since it goes where the text may not; both are looked up in the catalogue of their domain
    when somebody reads them. `classed` is the class of what the text tells: of PERSONAL and SENSITIVE text nothing
    leaves the district by a channel but the title, unless the channel is configured for it. One that `needs_ack` waits
    until the person says to have taken note. `may_turn_off`: whether a person's choice against a channel keeps it from
    that channel; by itself not where it has to be acknowledged.
    """

    name: str
    title: Text
    text: Text
    needs_ack: bool = False
    classed: FieldClass = FieldClass.PERSONAL
    may_turn_off: bool | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > KIND_LENGTH:
            raise ValueError(f"notice kind {self.name!r}: expected <plugin>.<thing> in lower case, {KIND_LENGTH} long")
        if _places(self.title):
            raise ValueError(f"notice kind {self.name!r}: the title has no places; values stand in the text")
        if self.needs_ack and self.may_turn_off:
            raise ValueError(f"notice kind {self.name!r}: what must be acknowledged cannot be turned off")

    @property
    def always_sent(self) -> bool:
        """Whether it is sent by every channel, whatever the person chose."""
        return self.needs_ack if self.may_turn_off is None else not self.may_turn_off

    @property
    def private(self) -> bool:
        """Whether the text tells about a person."""
        return self.classed in (FieldClass.PERSONAL, FieldClass.SENSITIVE)

    @cached_property
    def places(self) -> frozenset[str]:
        """The names of the values in the text."""
        return _places(self.text)

    def titled(self, language: str) -> str:
        """The title in a language."""
        return translate(self.title, language)

    def told(self, params: Mapping[str, str | int], language: str) -> str:
        """The text with these values in a language."""
        values = {name: params.get(name, LOST) for name in self.places}
        return translate(Text(self.text.template, values, self.text.domain), language)


NoticeKinds = Mapping[str, NoticeKind]


def _places(text: Text) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text.template) if name)


def kinds_of(district: District, core: tuple[NoticeKind, ...]) -> NoticeKinds:
    """The kinds of core and of the plugins that are on, by name.

    Raises ValueError for one without its plugin's prefix, or declared twice.
    """
    found = {one.name: one for one in core}
    for plugin, declared in district.hooks.collect_now("linli_notice_kinds"):
        prefix = f"{district.installed[plugin].label}."
        for one in declared:
            if not one.name.startswith(prefix) or one.name in found:
                raise ValueError(
                    f"notice kind {one.name!r} of plugin {plugin!r}: begin with {prefix!r}, each name once"
                )
            found[one.name] = one
    return found
