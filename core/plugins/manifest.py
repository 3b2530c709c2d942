"""The manifest: what a plugin says of itself, as the attribute `plugin` of its package. 插件清单。"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from .problems import Problems, listed

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RESERVED = frozenset({"all", "core", "linli"})
SPELLING = "lower-case letters and digits in words joined by hyphens, such as 'volunteer-points'"


@dataclass(frozen=True, kw_only=True)
class Title:
    """A text for people in the two languages of the platform. 中英文标题。"""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def in_language(self, language: str) -> str:
        """The text for a language tag (BCP 47): Chinese for every `zh`, English for all others."""
        return self.zh if language.lower().split("-")[0] == "zh" else self.en


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plugin's manifest. 插件清单。

    `name` is its one name everywhere, in words joined by hyphens. `description` is one or two sentences, English then
    Chinese. `version` is PEP 440; `requires` is the range of
    core's versions it runs with, `depends_on` the ranges of plugins it cannot run without, `works_with` those of
    plugins it uses when they are there: PEP 440 specifiers, `""` for any version. `regulated` names the features
    that stay off until a district's configuration states a basis for them, each with an explanation (State Council
    measures on government apps, January 2026). `platform` marks a part of the platform itself, such as the GraphQL
    face: on in every district and never named in a configuration.

    Raises PluginError with everything that is wrong at once.
    """

    name: str
    title: Title
    description: str
    version: str
    requires: str
    depends_on: Mapping[str, str] = field(default_factory=dict)
    works_with: Mapping[str, str] = field(default_factory=dict)
    regulated: Mapping[str, str] = field(default_factory=dict)
    platform: bool = False

    def __post_init__(self) -> None:
        problems = Problems()
        for found, expected in self._mistakes():
            problems.add(str(self.name), found, expected)
        problems.settle()
        for name in ("depends_on", "works_with", "regulated"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def label(self) -> str:
        """The name with underscores: folder, app label, prefix of hooks, tables, permissions and events."""
        return self.name.replace("-", "_")

    @property
    def graphql_name(self) -> str:
        """The name in PascalCase, where a GraphQL name needs it."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    def _mistakes(self) -> Iterator[tuple[str, str]]:
        yield from _name_mistakes(self.name)
        if not (isinstance(self.title, Title) and self.title.en and self.title.zh):
            yield f"title={self.title!r}", "title=Title(en=..., zh=...)"
        if not isinstance(self.description, str) or not self.description.strip():
            yield f"description={self.description!r}", "a sentence or two, English then Chinese"
        if not _is_version(self.version):
            yield f"version={self.version!r}", "a PEP 440 version such as '0.1.0'"
        yield from _range_mistakes("requires", {"core": self.requires})
        for key in ("depends_on", "works_with"):
            yield from _range_mistakes(key, getattr(self, key))
        yield from self._partner_mistakes()

    def _partner_mistakes(self) -> Iterator[tuple[str, str]]:
        both = set(self.depends_on) & set(self.works_with)
        if both:
            yield f"{listed(both)} in depends_on and in works_with", "each plugin in one of the two"
        for partner in {**self.depends_on, **self.works_with}:
            if partner == self.name:
                yield f"the plugin's own name {partner!r} among its partners", "the names of other plugins"
            elif not NAME.fullmatch(partner):
                yield f"the partner {partner!r}", SPELLING


def _name_mistakes(name: str) -> Iterator[tuple[str, str]]:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield f"name={name!r}", SPELLING
    elif name in RESERVED:
        yield f"name={name!r}", f"a name that is not reserved (reserved are {listed(RESERVED)})"


def _range_mistakes(key: str, ranges: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, specifier in ranges.items():
        if not _is_range(specifier):
            yield f"{key}: {name!r} {specifier!r}", "a PEP 440 range such as '>=0.1,<0.2'"


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except (InvalidVersion, TypeError):
        return False
    return True


def _is_range(text: str) -> bool:
    try:
        SpecifierSet(text)
    except (InvalidSpecifier, TypeError, AttributeError):
        return False
    return True
