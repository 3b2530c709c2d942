"""One call of `linli`: the installed plugins and the configuration it works with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .language import words
from .messages import UsageError, unknown

if TYPE_CHECKING:
    from linli.core.config import Configuration
    from linli.core.plugins.inventory import Installed


@dataclass
class Invocation:
    """What every command can ask for; `config` is what `--config` names, wherever it stands."""

    installed: Installed
    config: Path | None = None

    @property
    def file(self) -> Path:
        """The configuration to read: `--config`, else LINLI_CONFIG, else ./linli.toml. It need not exist."""
        from linli.core.config import find_config  # noqa: PLC0415  `linli --help` is to be quick

        return find_config(self.config)

    def settled(self) -> Installed:
        """The installed plugins, once it is sure that no two define one name; raises PluginError."""
        from linli.core.districts.names import settle_names  # noqa: PLC0415

        settle_names(self.installed)
        return self.installed

    def configuration(self) -> Configuration:
        """The configuration; raises ConfigurationError with every finding when there is an error among them."""
        from linli.core.config import load  # noqa: PLC0415

        return load(self.file, self.installed)


_current: Invocation | None = None


def begin(invocation: Invocation) -> None:
    """Make this the call that is under way; there is one per process."""
    global _current  # noqa: PLW0603
    _current = invocation


def current() -> Invocation:
    """The call that is under way."""
    if _current is None:
        raise RuntimeError("no command is under way: `linli` begins one")
    return _current


def chosen(configuration: Configuration, district: str | None) -> str:
    """The key of the district that is meant: the one named, else the default one. Raises UsageError."""
    if district is None:
        if configuration.default_district is None:
            named = ", ".join(configuration.districts)
            raise UsageError(words("no district is named; expected one of {named}; add --district KEY", named=named))
        return configuration.default_district
    if district not in configuration.districts:
        raise UsageError(unknown(words("district"), district, configuration.districts))
    return district
