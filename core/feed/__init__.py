"""Following what happens: the sealed events of a district as they come, read once for all who follow. 事件跟随。"""

from __future__ import annotations

from .feed import Feed
from .follower import Follower
from .told import Told

__all__ = ["Feed", "Follower", "Told"]
