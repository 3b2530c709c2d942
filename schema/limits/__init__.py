"""How much one may ask for: limits of texts, of what an operation reads, of how often and how long. 接口限额。"""

from __future__ import annotations

from .admission import Admission as Admission
from .limiter import Limiter as Limiter
