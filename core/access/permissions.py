"""Permissions: `<plugin>.<thing>.<verb>`, contributed by core and plugins. 权限。"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Permission:
    """The right to do one thing; `description` is for operators, English then Chinese.

    `judges`: who holds it decides about others (approves, rejects, sanctions, hears appeals). `reveals`: it shows
    personal or sensitive values unmasked, or tells of somebody's health. `district-admin` gets neither.
    """

    name: str
    description: str
    judges: bool = False
    reveals: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"permission {self.name!r}: expected <plugin>.<thing>.<verb> in lower case")


CORE_PERMISSIONS = (
    Permission("core.org.read", "Read organisations that are not public. 查看组织。"),
    Permission("core.org.write", "Create, change, move and end organisations and relations. 维护组织。"),
    Permission("core.person.read", "Read people, masked. 查看人员（脱敏）。"),
    Permission("core.staff.read", "Read the people whom a unit employs, masked. 查看本单位职工（脱敏）。"),
    Permission("core.person.name", "Read people's names in full. 查看人员姓名。"),
    Permission(
        "core.person.reveal", "See personal values of people in full, each time recorded. 查看人员完整信息（留痕）。"
    ),
    Permission("core.person.write", "Create and change people. 维护人员。"),
    Permission(
        "core.person.merge",
        "Find people who were entered twice, and propose, confirm and undo that they are one. 合并重复人员。",
        judges=True,
        reveals=True,
    ),
    Permission("core.person.export", "Hand out what is kept of a person. 提供个人信息副本。"),
    Permission(
        "core.person.erase", "Ask for a person to be erased, and confirm what another asked for. 删除个人信息。"
    ),
    Permission("core.person_request.read", "Read what people ask for about their data. 查看个人信息请求。"),
    Permission(
        "core.person_request.create_for", "Ask for people what they ask about their data. 代他人提出个人信息请求。"
    ),
    Permission("core.person_relation.read", "Read who is whose guardian, kin or proxy. 查看人员关系。"),
    Permission("core.person_relation.write", "State and end relations between people. 登记和终止人员关系。"),
    Permission(
        "core.person_relation.confirm", "Confirm or refuse a relation that another stated. 核实人员关系。", judges=True
    ),
    Permission("core.consent.read", "Read to which uses of their data people agreed. 查看同意记录。"),
    Permission("core.delivery.read", "See how far the handlers of events are, and what they gave up. 查看事件投递。"),
    Permission("core.delivery.write", "Have handlers told of events again. 重试与重放事件。"),
    Permission(
        "core.webhook.manage",
        "Let other systems be told of events at one's organisations and beneath, with the internal values that the "
        "audit trail shows. 管理网络钩子（对外提供事件及其内部信息）。",
    ),
    Permission("core.post.read", "Read who holds which post. 查看任职。"),
    Permission("core.post.write", "Assign and end posts. 维护任职。"),
    Permission("core.registry.read", "Read homes, households and things. 查看房屋、家庭户与设施。"),
    Permission("core.registry.write", "Enter and change homes, households and things. 维护房屋、家庭户与设施。"),
    Permission("core.registry.import", "Bring in spreadsheets at one's place, and take them back. 导入和撤销表格。"),
    Permission("core.account.write", "Create accounts, and end their sessions. 维护账号。"),
    Permission("core.grant.write", "Give and revoke roles. 授权。"),
    Permission("core.calendar.write", "Import the official calendar. 导入放假安排。"),
    Permission("core.audit.read", "Read the audit trail. 查看审计记录。"),
)
