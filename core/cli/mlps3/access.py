"""8.1.4.2 Access control. 访问控制。"""

from __future__ import annotations

from collections.abc import Iterator

from linli.core.access.limits import ADMINISTRATOR, GRANT, GRANTING_ROLE
from linli.core.districts.stewards import loaded_models
from linli.core.records.classes import class_of
from linli.core.records.visible import Visible

from .controls import Control, Judgement, Subject, by_environment, met, not_met

GIVERS = frozenset({ADMINISTRATOR, GRANTING_ROLE})
CITIZENS = ("resident", "volunteer")
"""Roles of people whom the district serves: they need no permission of core to see what is their own."""


def _granted(subject: Subject) -> Judgement:
    roles, permissions = len(subject.district.roles), len(subject.district.permissions)
    excess = sorted(
        f"{role}: {permission}"
        for role in CITIZENS
        for permission in subject.district.roles.get(role, ())
        if permission.startswith("core.")
    )
    if excess:
        listed = ", ".join(excess)
        return not_met(
            f"Residents hold permissions of staff: {listed}. 居民类角色持有工作人员权限：{listed}。",
            "Take them out of settings.core.roles. 从 settings.core.roles 中移除。",
        )
    return met(
        f"Denied unless granted: {roles} roles of {permissions} permissions, at an organisation. "
        f"默认拒绝：{roles} 个角色、{permissions} 项权限，按组织授予。"
    )


def _separation(subject: Subject) -> Judgement:
    if subject.setting("three_admins"):
        return met("three_admins is on. 已启用三员分立。")
    return not_met("three_admins is off. 未启用三员分立。", "Write three_admins = true. 设置 three_admins = true。")


def _undeclared() -> Iterator[str]:
    """Models that do not say who sees their rows, and columns without a class."""
    for model in loaded_models():
        if not isinstance(getattr(model, "visible", None), Visible):
            yield model.__name__
        keys = {f"{name}_id" for name in model._meta.fk_fields}
        for name, field in model._meta.fields_map.items():
            if name != "pk" and name not in keys and class_of(field) is None:
                yield f"{model.__name__}.{name}"


def _fields(_subject: Subject) -> Judgement:
    missing = ", ".join(sorted(_undeclared()))
    if missing:
        return not_met(
            f"Nothing says who sees: {missing}. 未声明可见范围或分级：{missing}。",
            "Use versions of the plugins that declare it. 升级到已声明的插件版本。",
        )
    return met("Rows are shown by organisation, columns by class. 访问控制到行（按组织）与列（按数据分级）。")


def _granting(subject: Subject) -> Judgement:
    givers = sorted(role for role, held in subject.district.roles.items() if GRANT in held)
    listed = ", ".join(givers)
    if not givers or not GIVERS.issuperset(givers):
        return not_met(
            f"Roles that give rights: {listed or '-'}. 可授权的角色：{listed or '-'}。",
            f"Let {' or '.join(sorted(GIVERS))} alone hold {GRANT}. 仅授权管理类角色持有 {GRANT}。",
        )
    return met(f"Rights are given by {listed} alone, where their grant reaches. 仅 {listed} 可在其范围内授权。")


def _labels(_subject: Subject) -> Judgement:
    return not_met(
        "Columns have classes; accounts and rows carry no security labels. 列有分级，主体与行无安全标记。",
        "Mark them by other means where labels are demanded. 需要安全标记时另行实现。",
    )


CONTROLS = (
    Control("8.1.4.2 a", "Accounts and rights. 账户与权限分配。", _granted),
    by_environment(
        "8.1.4.2 b",
        "No default accounts. 默认账户与口令。",
        "Show the accounts of the host, the database and the proxy. 出示主机、数据库与代理的账户清单。",
        found="Linli makes no account by itself, and no password; what it runs on may. 本软件无默认账号与口令。",
    ),
    by_environment(
        "8.1.4.2 c", "No surplus or shared accounts. 多余、过期、共享账户。", "Review the accounts. 定期清理账户。"
    ),
    Control("8.1.4.2 d", "Least privilege, separated. 管理权限最小化与分离。", _separation),
    Control("8.1.4.2 e", "Who may give rights. 授权主体。", _granting),
    Control("8.1.4.2 f", "Granularity of records and fields. 访问控制粒度。", _fields),
    Control("8.1.4.2 g", "Security labels. 安全标记。", _labels),
)
