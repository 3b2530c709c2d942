"""The parts of the README that are made from the code: `python -m linli.plugins.venues.documentation` renews them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .events import EVENT_TYPES
from .permissions import PERMISSIONS, ROLES
from .rules import TERMINAL, TRANSITIONS, BookingState
from .settings import VenueSettings

README = Path(__file__).parent / "README.md"
_BLOCK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def states() -> Iterator[str]:
    """The life of a booking as a Mermaid diagram."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {BookingState.REQUESTED}"
    steps: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS:
        steps.setdefault((row.source, row.target), []).append(row.action)
    for (source, target), actions in steps.items():
        yield f"    {source} --> {target}: {', '.join(actions)}"
    yield from (f"    {state} --> [*]" for state in BookingState if state in TERMINAL)
    yield "```"


def permissions() -> Iterator[str]:
    """What may be done, and by whom."""
    yield "| permission | what | roles |"
    yield "| --- | --- | --- |"
    for one in PERMISSIONS:
        roles = sorted({role.role for role in ROLES if one.name in role.permissions})
        yield f"| `{one.name}` | {one.description} | {', '.join(roles)} |"


def events() -> Iterator[str]:
    """What others can react to."""
    yield "| event | when |"
    yield "| --- | --- |"
    yield from (f"| `{one.name}` | {one.description} |" for one in EVENT_TYPES)


def settings() -> Iterator[str]:
    """What a district can set."""
    yield "| setting | default | what |"
    yield "| --- | --- | --- |"
    for name, field in VenueSettings.model_fields.items():
        yield f"| `{name}` | `{_default(field.default)}` | {field.description} |"


def _default(value: object) -> str:
    """A default as it is written in TOML."""
    if isinstance(value, tuple):
        return "[]" if not value else str(list(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


BLOCKS: Mapping[str, str] = {
    made.__name__: "\n".join(made()) + "\n" for made in (states, permissions, events, settings)
}


def renewed(readme: str) -> str:
    """A README with every marked block as the code has it now."""
    return _BLOCK.sub(lambda block: block[1] + BLOCKS[block[2]] + block[3], readme)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text("utf-8")), "utf-8")
