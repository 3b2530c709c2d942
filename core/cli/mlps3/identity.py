"""8.1.4.1 Identity authentication. 身份鉴别。"""

from __future__ import annotations

from linli.core.access.services import SHORTEST_PASSWORD

from .controls import Control, Judgement, State, Subject, met, not_met


def _passwords(subject: Subject) -> Judgement:
    if subject.setting("password_max_days"):
        return met(f"Passwords of {SHORTEST_PASSWORD} characters expire. 口令至少 {SHORTEST_PASSWORD} 位且定期失效。")
    return not_met(
        f"Accounts are unique, passwords have {SHORTEST_PASSWORD} characters; neither a mix nor a change is enforced. "
        f"账号唯一，口令至少 {SHORTEST_PASSWORD} 位，但未强制复杂度和定期更换。",
        "Let a login provider enforce both. 由统一身份认证平台强制执行。",
    )


def _failures(subject: Subject) -> Judgement:
    tries = subject.setting("login_tries")
    if tries:
        return met(f"Logging in is slowed down after {tries} failures. 登录失败 {tries} 次后受限。")
    return not_met("Failed logins are not limited. 未限制登录失败次数。", "Limit them at the proxy. 由前置代理限制。")


def _limits(subject: Subject) -> Judgement:
    idle, longest = subject.setting("session_idle_hours"), subject.setting("session_hours")
    if idle and longest:
        return met(f"Sessions end {idle} h idle, {longest} h in any case. 闲置 {idle} 小时或满 {longest} 小时失效。")
    return not_met(
        "Sessions end after a fixed time, idle or not. 会话按固定时长失效，闲置不提前结束。",
        "Use a version with session_idle_hours. 升级到支持 session_idle_hours 的版本。",
    )


def _second_factor(subject: Subject) -> Judgement:
    required = set(subject.setting("second_factor_roles") or ())
    admins = {"system-admin", "security-admin", "auditor", "district-admin"}
    if admins <= required:
        return met("Administrators need a second factor. 管理员须使用双因素认证。")
    missing = ", ".join(sorted(admins - required))
    return not_met(
        f"No second factor is required of: {missing}. 以下角色未要求双因素认证：{missing}。",
        "Name them in second_factor_roles. 在 second_factor_roles 中列出。",
    )


def _transport(subject: Subject) -> Judgement:
    if not subject.configuration.server.https:
        return not_met(
            "It is not stated that clients come over HTTPS. 未声明客户端经 HTTPS 访问。",
            "Put TLS in front, and write https = true in [server]. 前置 TLS 代理并设置 https = true。",
        )
    found = "https = true is stated; the proxy's TLS is not seen from here. 已声明 HTTPS，代理的 TLS 无法从此处检查。"
    remedy = "Check its certificate and protocols. 检查代理的证书与协议版本。"
    return Judgement(State.ENVIRONMENT, found, remedy)


CONTROLS = (
    Control("8.1.4.1 a", "Unique identities, complex passwords. 身份唯一与口令复杂度。", _passwords),
    Control("8.1.4.1 b", "Failed logins. 登录失败处理。", _failures),
    Control("8.1.4.1 b", "Sessions time out. 会话超时退出。", _limits),
    Control("8.1.4.1 c", "Nobody listens in on credentials. 鉴别信息防窃听。", _transport),
    Control("8.1.4.1 d", "Two factors. 双因素鉴别。", _second_factor),
)
