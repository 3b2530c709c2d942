"""Who gives a command, as events of it tell: an operator has no account. 操作员。"""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """The user of this machine who runs the command, and whose it became by `sudo`."""
    name = _user()
    before = os.environ.get("SUDO_USER")
    return name if before is None or before == name else f"{before} ({name})"


def _user() -> str:
    """By the process, since anybody may set LOGNAME; where the system keeps no such name, what the environment says."""
    try:
        import pwd  # noqa: PLC0415  not on every system

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()
