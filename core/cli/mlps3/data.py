"""8.1.4.7 to 8.1.4.11: integrity, confidentiality, backup, residual and personal information. 数据安全。"""

from __future__ import annotations

from .controls import NO_CLAUSE, Control, Judgement, State, Subject, by_environment, met, not_met


def _integrity(_subject: Subject) -> Judgement:
    found = (
        "Encrypted values are bound to their rows, and events chained; other columns are not. "
        "加密值绑定所在行，事件成链，其他列不带认证。"
    )
    return Judgement(State.NOT_MET, found, "Protect the database's storage. 由数据库存储层保护完整性。")


def _confidential(subject: Subject) -> Judgement:
    ring = subject.district.store.keyring
    assert ring is not None, "an open district has its keys"
    if len(ring.epochs) > 1:
        return not_met(
            "An exchange of keys is not finished. 密钥轮换未完成。",
            "Repeat `linli keys rotate`. 重新执行密钥轮换。",
        )
    cipher = ring.present.suite.cipher
    return met(f"Id numbers and phones are stored with {cipher}. 身份证号与电话以 {cipher} 加密存储。")


def _national(subject: Subject) -> Judgement:
    ring = subject.district.store.keyring
    assert ring is not None, "an open district has its keys"
    if ring.present.suite.name == "gm":
        return met("SM4-GCM with SM3. 使用国密 SM4-GCM 与 SM3。")
    return not_met(
        f"{ring.present.suite.cipher} is no national algorithm. 所用算法不是国密。",
        "Run `linli keys rotate --suite gm`. 运行 `linli keys rotate --suite gm`。",
    )


def _master_keys(subject: Subject) -> Judgement:
    master = subject.configuration.keys.master
    file = subject.configuration.folder / master.removeprefix("file:")
    if master.startswith("file:") and subject.configuration.folder in file.resolve().parents:
        return not_met(
            "The master keys lie beside linli.toml and its data. 主密钥与配置、数据同处一处。",
            'Keep them apart, as by master = "systemd:NAME". 分开保管，如 master = "systemd:NAME"。',
        )
    return met(f"Master keys come from {master.partition(':')[0]}. 主密钥来自 {master.partition(':')[0]}。")


def _personal(subject: Subject) -> Judgement:
    hooks = subject.district.hooks
    deaf = ", ".join(sorted(set(hooks.implementers("linli_storage")) - set(hooks.implementers("linli_person_erase"))))
    if deaf:
        return not_met(
            f"These plugins erase nothing of a person: {deaf}. 以下插件不支持按人删除：{deaf}。",
            "Use versions that do, or make sure that they keep nothing of persons. 升级或确认其不保存个人信息。",
        )
    return met("Personal values are masked; persons can be exported, corrected, erased. 脱敏，可导出、更正、删除。")


def _retention(subject: Subject) -> Judgement:
    hooks = subject.district.hooks
    silent = set(hooks.implementers("linli_storage")) - set(hooks.implementers("linli_retention_rules"))
    if silent:
        return not_met(
            f"These plugins do not say how long they keep what: {', '.join(sorted(silent))}. "
            f"以下插件未声明保存期限：{'、'.join(sorted(silent))}。",
            "Use versions that do, or make sure that they keep nothing of persons. 升级或确认其不保存个人信息。",
        )
    return met("What is kept long enough goes every night. 到期数据每日自动删除或清空。")


CONTROLS = (
    by_environment("8.1.4.7 a", "Integrity on the way. 传输完整性。", "Use TLS everywhere. 全程使用 TLS。"),
    Control("8.1.4.7 b", "Integrity at rest. 存储完整性。", _integrity),
    by_environment("8.1.4.8 a", "Confidentiality on the way. 传输保密性。", "Use TLS everywhere. 全程使用 TLS。"),
    Control("8.1.4.8 b", "Confidentiality at rest. 存储保密性。", _confidential),
    Control(NO_CLAUSE, "National cryptography. 国密算法。", _national),
    Control(NO_CLAUSE, "Keys are kept apart. 密钥分离保管。", _master_keys),
    by_environment("8.1.4.9", "Backup and recovery. 数据备份恢复。", "Back up elsewhere; try it. 异地备份并演练。"),
    by_environment("8.1.4.10", "Residual information. 剩余信息保护。", "Encrypt and wipe disks. 磁盘加密并清除。"),
    Control("8.1.4.11", "Personal information. 个人信息保护。", _personal),
    Control("8.1.4.11", "Retention of personal information. 个人信息保存期限。", _retention),
)
