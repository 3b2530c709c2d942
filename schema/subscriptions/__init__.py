"""Subscriptions: operations that are answered again with every event that concerns them. 订阅。"""

from __future__ import annotations

from .source import Looked, Source, Watch, subscription

__all__ = ["Looked", "Source", "Watch", "subscription"]
