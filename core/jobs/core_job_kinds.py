"""The kinds of long work of core itself. 平台自身的任务类型。"""

from __future__ import annotations

from .job_kinds import JobKind
from .replays import REPLAY
from .sheets import KINDS

CORE_JOBS: tuple[JobKind, ...] = (*KINDS, REPLAY)
