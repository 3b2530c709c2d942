"""How long something that failed is left alone: twice as long each time. 退避间隔。"""

from __future__ import annotations

MOST_DOUBLINGS = 30


def doubled(failures: int, first: float, longest: float) -> float:
    """Seconds to wait after so many failures, one at least: `first`, doubled each time, `longest` at most."""
    return min(first * 2.0 ** min(failures - 1, MOST_DOUBLINGS), longest)
