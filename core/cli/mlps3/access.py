"""8.1.4.2 Access control. 访问控制。"""

from __future__ import annotations

from .controls import Control, Judgement, Subject, by_environment, met, not_met


def _granted(subject: Subject) -> Judgement:
    roles, permissions = len(subject.district.roles), len(subject.district.permissions)
    return met(
        f"Denied unless granted: {roles} roles of {permissions} permissions, at an organisation. "
        f"默认拒绝：{roles} 个角色、{permissions} 项权限，按组织授予。"
    )


def _no_defaults(_subject: Subject) -> Judgement:
    return met("Linli makes no account by itself, and none has a default password. 无默认账号与默认口令。")


def _separation(subject: Subject) -> Judgement:
    if subject.setting("three_admins"):
        return met("three_admins is on. 已启用三员分立。")
    return not_met("three_admins is off. 未启用三员分立。", "Write three_admins = true. 设置 three_admins = true。")


def _fields(_subject: Subject) -> Judgement:
    return met("Rows are shown by organisation, columns by class. 访问控制到行（按组织）与列（按数据分级）。")


def _granting(subject: Subject) -> Judgement:
    givers = sorted(role for role, held in subject.district.roles.items() if "core.grant.write" in held)
    listed = ", ".join(givers)
    return met(f"Rights are given by {listed} alone, where their grant reaches. 仅 {listed} 可在其范围内授权。")


def _labels(_subject: Subject) -> Judgement:
    return not_met(
        "Columns have classes; accounts and rows carry no security labels. 列有分级，主体与行无安全标记。",
        "Mark them by other means where labels are demanded. 需要安全标记时另行实现。",
    )


CONTROLS = (
    Control("8.1.4.2 a", "Accounts and rights. 账户与权限分配。", _granted),
    Control("8.1.4.2 b", "No default accounts. 默认账户与口令。", _no_defaults),
    by_environment(
        "8.1.4.2 c", "No surplus or shared accounts. 多余、过期、共享账户。", "Review the accounts. 定期清理账户。"
    ),
    Control("8.1.4.2 d", "Least privilege, separated. 管理权限最小化与分离。", _separation),
    Control("8.1.4.2 e", "Who may give rights. 授权主体。", _granting),
    Control("8.1.4.2 f", "Granularity of records and fields. 访问控制粒度。", _fields),
    Control("8.1.4.2 g", "Security labels. 安全标记。", _labels),
)
