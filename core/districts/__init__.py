"""Districts: the unit of configuration, plugins, data and API. 区县。"""

from __future__ import annotations

from .district import District as District
from .platform import Platform as Platform
from .platform import open_platform as open_platform
