"""8.1.5 The management centre: three administrators, logs in one place. 安全管理中心。"""

from __future__ import annotations

from .controls import Control, Judgement, Subject, by_environment, met, not_met


def _three(subject: Subject) -> Judgement:
    roles = {"system-admin", "security-admin", "auditor"}
    if not subject.setting("three_admins"):
        return not_met("three_admins is off. 未启用三员分立。", "Write three_admins = true. 设置 three_admins = true。")
    empty = sorted(role for role in roles if not subject.district.roles.get(role))
    if empty:
        listed = ", ".join(empty)
        return not_met(f"Roles without a permission: {listed}. 无权限的角色：{listed}。", "Give them some. 分配权限。")
    return met("system-admin, security-admin and auditor exclude each other. 三员互斥。")


CONTROLS = (
    Control("8.1.5.1-3", "Three administrators. 系统、审计、安全管理员。", _three),
    by_environment(
        "8.1.5.4",
        "Watched in one place. 集中管控。",
        "Collect the log and /readyz centrally, 6 months. 集中收集日志与 /readyz，保存六个月。",
    ),
)
