"""Makes the plugin one that is installed, here and in processes that are started from here. 安装测速插件。"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[3]
ENTRY = "[linli.plugins]\nincidents = tests.load.incidents\n"


@contextmanager
def installed() -> Iterator[None]:
    """As if its package had been installed, until the end."""
    before = os.environ.get("PYTHONPATH")
    with TemporaryDirectory(prefix="linli-site-") as site:
        _metadata(Path(site) / "linli_incidents-0.1.0.dist-info")
        sys.path.insert(0, site)
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), site, *filter(None, [before])])
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(site)
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before


def _metadata(folder: Path) -> None:
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: linli-incidents\nVersion: 0.1.0\n")
    (folder / "entry_points.txt").write_text(ENTRY)
