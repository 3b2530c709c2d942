"""8.1.4.4 to 8.1.4.6: intrusion, malicious code, trusted verification. 入侵防范、恶意代码防范、可信验证。"""

from __future__ import annotations

from .controls import Control, Judgement, State, Subject, by_environment, met, not_met

MOST_BYTES, MOST_SECONDS = 10_485_760, 60
"""How much a request may be before it is a way to make the server busy; ten files of a form, or a slow report."""


def _closed(subject: Subject) -> Judgement:
    shown = [name for name in ("introspection", "graphiql") if getattr(subject.configuration.server, name)]
    if not shown:
        return met("Introspection and GraphiQL are off. 已关闭接口自省与 GraphiQL。")
    listed = ", ".join(shown)
    return not_met(
        f"On: {listed}. 已开启：{listed}。",
        "Write false in [server], unless needed. 不需要时设为 false。",
    )


def _listens(subject: Subject) -> Judgement:
    if subject.local:
        found = "The server listens to this machine alone; who passes the proxy is not seen. 仅监听本机。"
        remedy = "Limit addresses at the proxy. 由前置代理限制终端地址。"
        return Judgement(State.ENVIRONMENT, found, remedy)
    host = subject.configuration.server.host
    return not_met(
        f"The server listens at {host} without a proxy between. 服务直接监听 {host}。",
        'Write host = "127.0.0.1", and put a proxy in front. 改为监听 127.0.0.1 并前置代理。',
    )


def _checked(subject: Subject) -> Judgement:
    server = subject.configuration.server
    if server.max_body_bytes > MOST_BYTES or server.max_seconds > MOST_SECONDS:
        return not_met(
            f"A request may have {server.max_body_bytes} bytes and take {server.max_seconds} s. "
            f"单次请求可达 {server.max_body_bytes} 字节、{server.max_seconds} 秒。",
            f"Write at most {MOST_BYTES} and {MOST_SECONDS} in [server]. 分别不超过 {MOST_BYTES} 与 {MOST_SECONDS}。",
        )
    return met(
        f"Inputs are typed and checked; {server.max_body_bytes} bytes, {server.max_seconds} s a request. "
        f"输入逐项校验；每请求至多 {server.max_body_bytes} 字节、{server.max_seconds} 秒。"
    )


CONTROLS = (
    Control("8.1.4.4 a-b", "Nothing is on that is not needed. 最小化服务。", _closed),
    Control("8.1.4.4 c", "From where one may come. 终端接入限制。", _listens),
    Control("8.1.4.4 d", "Inputs are checked. 输入有效性检验。", _checked),
    by_environment(
        "8.1.4.4 e-f",
        "Known weaknesses, alarms. 漏洞修补与入侵告警。",
        "Update packages; watch the log. 更新依赖并监控日志。",
    ),
    by_environment("8.1.4.5", "Malicious code. 恶意代码防范。", "Protect the host. 在主机上部署防护。"),
    by_environment("8.1.4.6", "Trusted verification. 可信验证。", "Use the host's root of trust. 使用主机可信根。"),
)
