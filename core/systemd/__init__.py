"""Master keys as credentials of systemd, which keeps them out of files and environments that others may read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

if TYPE_CHECKING:
    from linli.core.crypto.masters import Source

plugin = Plugin(
    name="systemd",
    title=Title(en="systemd credentials", zh="systemd 凭据"),
    description="Master keys from systemd's LoadCredential. 由 systemd 凭据提供主密钥。",
    version="0.1.0",
    requires=">=0.1,<0.2",
    platform=True,
)


@hookimpl
def linli_keys() -> Mapping[str, Source]:
    """`[keys] master = "systemd:NAME"` for LoadCredential=NAME:FILE."""
    from .credentials import from_credential  # noqa: PLC0415

    return {"systemd": from_credential}
