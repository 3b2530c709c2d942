"""The words of an import of a sheet: where it stands, what became of a row, how a finding weighs. 表格导入用语。"""

from __future__ import annotations

from enum import StrEnum


class SheetState(StrEnum):
    """Where an import stands. 导入状态。"""

    CHECKING = "CHECKING"  # 检查中
    PREVIEWED = "PREVIEWED"  # 待确认
    RUNNING = "RUNNING"  # 写入中
    APPLIED = "APPLIED"  # 已写入
    UNDOING = "UNDOING"  # 撤销中
    UNDONE = "UNDONE"  # 已撤销
    FAILED = "FAILED"  # 失败


AT_WORK = (SheetState.CHECKING, SheetState.RUNNING, SheetState.UNDOING)
"""The states in which something goes on behind."""


class RowOutcome(StrEnum):
    """What became, or would become, of a row. 行结果。"""

    CREATED = "CREATED"  # 新增
    CHANGED = "CHANGED"  # 变更
    UNCHANGED = "UNCHANGED"  # 无变化
    REFUSED = "REFUSED"  # 未写入


class EntryAction(StrEnum):
    """What an import did to a record. 写入方式。"""

    CREATED = "CREATED"
    CHANGED = "CHANGED"


class SheetFindingLevel(StrEnum):
    """How a finding weighs, as it is shown. 问题级别。"""

    ERROR = "ERROR"  # 错误
    WARNING = "WARNING"  # 警告
    NOTE = "NOTE"  # 提示
