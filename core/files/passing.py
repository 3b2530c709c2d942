"""Folders for what lies on the disk in the clear for some seconds: nobody's once their process has died. 临时文件夹。

The process that made a folder holds a lock on it, which the system takes away with the process, however it ends. So
whoever finds a folder that can be locked may take it away at once, and no clock is believed.
进程被强制终止时遗留的明文临时文件，由下一个命令或服务启动时清除。
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

MAKING, MADE = "making-", "passing-"
"""Names of folders that are not locked yet, in which nothing lies, and of locked ones."""


@contextmanager
def passing(above: Path) -> Iterator[Path]:
    """A folder beneath `above` that only this account reads and that goes in the end; what others left goes too."""
    above.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(above)
    making = Path(mkdtemp(prefix=MAKING, dir=above))
    held = os.open(making, os.O_RDONLY)
    made = above / making.name.replace(MAKING, MADE, 1)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        making.rename(made)
        yield made
    finally:
        rmtree(made, ignore_errors=True)
        rmtree(making, ignore_errors=True)
        os.close(held)


def sweep(above: Path) -> int:
    """Take away the folders whose processes are gone; how many."""
    try:
        found = [above / name for name in os.listdir(above) if name.startswith(MADE)]
    except FileNotFoundError:
        return 0
    return sum(_swept(folder) for folder in found)


def _swept(folder: Path) -> bool:
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # its own process took it away meanwhile
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return False
    finally:
        os.close(held)
    return True
