"""Texts for people, in the caller's language: gettext catalogues of core and of every plugin."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from .errors import Text

LANGUAGES = ("zh-CN", "en")
KEPT_CHARACTERS = 200
"""How long a header may be of which it is kept what it means."""
_FOLDERS: dict[str, Traversable] = {"core": files("linli.core").joinpath("locale")}


def add_catalogue(domain: str, folder: Traversable) -> None:
    """Make a folder of catalogues known, `<folder>/zh_CN.po`, under the name that texts carry as their domain."""
    if _FOLDERS.get(domain) != folder:  # a district that is opened adds the same; reading takes long
        _FOLDERS[domain] = folder
        _catalogue.cache_clear()


@cache
def _catalogue(domain: str, language: str) -> dict[str, str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415  needed only when something is refused

    folder = _FOLDERS.get(domain)
    source = None if folder is None else folder.joinpath(f"{language.replace('-', '_')}.po")
    if source is None or not source.is_file():
        return {}
    with source.open("rb") as file:
        catalogue = read_po(file)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def translate(message: Text, language: str) -> str:
    """The text in a language, and what texts it holds too; English where a catalogue lacks it."""
    template = _catalogue(message.domain, language).get(message.template, message.template)
    return template.format(**{name: _shown(value, language) for name, value in message.params.items()})


def _shown(value: object, language: str) -> object:
    return translate(value, language) if isinstance(value, Text) else value


def negotiate(accepted: str | None, default: str) -> str:
    """The language to answer in, from an Accept-Language header (RFC 9110): the most wanted that we have."""
    if accepted is None:
        return default
    return (_known if len(accepted) <= KEPT_CHARACTERS else _negotiated)(accepted, default)


def _negotiated(accepted: str, default: str) -> str:
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, quality = part.strip().partition(";q=")
        with suppress(ValueError):  # a weight that is no number counts as none
            wanted.append((float(quality or 1), tag.lower()))
    for weight, tag in sorted(wanted, key=lambda one: -one[0]):
        found = next((one for one in LANGUAGES if tag and one.lower().split("-")[0] == tag.split("-")[0]), None)
        if found is not None and weight > 0:
            return found
    return default


_known = lru_cache(maxsize=1024)(_negotiated)
