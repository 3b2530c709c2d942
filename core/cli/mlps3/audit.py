"""8.1.4.3 Security audit. 安全审计。"""

from __future__ import annotations

from .controls import Control, Judgement, State, Subject, met, not_met

WATCHED = frozenset({"core.revealed", "core.denied", "core.login_failed", "core.signed_in", "core.grant_given"})


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


def _protected(_subject: Subject) -> Judgement:
    found = "Events are chained by hashes; whether the chain holds is told by another command. 事件以哈希链保护。"
    return Judgement(State.MET, found, "Run `linli audit verify` regularly. 定期运行 `linli audit verify`。")


def _outside(_subject: Subject) -> Judgement:
    found = "Checkpoints of the chain can be exported; whether they are kept elsewhere is not seen. 可导出检查点。"
    remedy = "Export them to another machine by `linli audit checkpoint`. 定期导出到其他主机。"
    return Judgement(State.ENVIRONMENT, found, remedy)


def _uninterrupted(_subject: Subject) -> Judgement:
    return met("An event is written in the transaction of its change: no setting stops it. 审计与变更同事务。")


CONTROLS = (
    Control("8.1.4.3 a-b", "Who did what, and when. 审计覆盖与记录内容。", _covers),
    Control("8.1.4.3 c", "Records cannot be altered unnoticed. 审计记录防篡改。", _protected),
    Control("8.1.4.3 c", "Records are kept elsewhere too. 审计记录备份。", _outside),
    Control("8.1.4.3 d", "Auditing cannot be interrupted. 审计进程保护。", _uninterrupted),
)
