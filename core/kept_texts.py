"""Texts for people as they are kept, to be translated when somebody reads them. 文本的保存。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Text


def plain(message: Text) -> dict[str, Any]:
    """A text as JSON: its template, its values as text, and whose catalogue it is in."""
    params = {name: plain(one) if isinstance(one, Text) else str(one) for name, one in message.params.items()}
    return {"template": message.template, "params": params, "domain": message.domain}


def read(kept: Mapping[str, Any]) -> Text:
    """The text again."""
    params = {name: read(one) if isinstance(one, dict) else one for name, one in kept["params"].items()}
    return Text(kept["template"], params, kept["domain"])
