"""8.1.4.3 Security audit. 安全审计。"""

from __future__ import annotations

from .controls import Control, Judgement, Subject, by_environment, met, not_met

WATCHED = frozenset(
    {"core.revealed", "core.searched", "core.denied", "core.login_failed", "core.signed_in", "core.grant_given"}
)


def _covers(subject: Subject) -> Judgement:
    types = {event_type.name for event_type in subject.district.event_types}
    missing = ", ".join(sorted(WATCHED - types))
    if missing:
        return not_met(
            f"Not recorded: {missing}. 未记录：{missing}。", "Use a version that records them. 升级到有此记录的版本。"
        )
    return met(
        f"Changes, reveals, logins and denied attempts are events of {len(types)} types with actor and time. "
        f"变更、明文查看、登录与越权尝试记入 {len(types)} 类事件，含操作人与时间。"
    )


CONTROLS = (
    Control("8.1.4.3 a-b", "Who did what, and when. 审计覆盖与记录内容。", _covers),
    by_environment(
        "8.1.4.3 c",
        "Records cannot be altered unnoticed. 审计记录防篡改。",
        "Show the results of a regular `linli audit verify`. 出示定期运行 `linli audit verify` 的结果。",
        found="Events are chained by hashes; who verifies them is not seen. 事件以哈希链保护，是否校验不可见。",
    ),
    by_environment(
        "8.1.4.3 c",
        "Records are kept elsewhere too. 审计记录备份。",
        "Show the checkpoints of `linli audit checkpoint` on another machine. 出示其他主机上的检查点。",
        found="Checkpoints of the chain can be exported; whether they are kept elsewhere is not seen. 可导出检查点。",
    ),
    by_environment(
        "8.1.4.3 d",
        "Auditing cannot be interrupted. 审计进程保护。",
        "Show who may stop the service and write to the database. 出示可停止服务、写入数据库的人员。",
        found="Events are written with their changes, and no setting stops it. 审计与变更同事务，无配置可关闭。",
    ),
)
