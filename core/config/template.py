"""The linli.toml that `linli init` writes: it works as it is, and explains every key in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from datetime import time
from typing import Any

import tomlkit
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from .core_settings import CoreSettings
from .installed import CORE, AnyInstalled, Installed, by_name, choosable
from .limits import Limits
from .models import DatabaseConfiguration, DistrictConfiguration, KeysConfiguration, ServerConfiguration

DISTRICT = "example"

_HEADER = """\
# Linli: configuration of a server and its districts.
# 邻里：服务器与各区县的配置。
#
# Lines like `#key = value` show a default or an example; take the # away to change it.
# 形如 `#key = value` 的行是默认值或示例，去掉 # 即可修改。
# Paths are relative to the folder of this file. `linli check` tells what is wrong, and how to mend it.
# 路径相对于本文件所在文件夹。`linli check` 检查配置并给出修改建议。
# Environment variables override the file, for example LINLI_DATABASE__URL or LINLI_SERVER__PORT.
# 环境变量优先于本文件，例如 LINLI_DATABASE__URL、LINLI_SERVER__PORT。
# Secrets need not stand here: "$env:NAME" takes a variable's value, "$file:PATH" a file's content.
# 机密不必写在此处："$env:NAME" 取环境变量的值，"$file:PATH" 取文件内容。
"""
_SECTIONS = {DistrictConfiguration: ("regulated", "sections"), CoreSettings: ("limits",)}
_CHINESE = re.compile(r"(?<=\s)(?=[\u3000-\u9fff\uff00-\uffef])")


def template(installed: AnyInstalled) -> str:
    """A commented linli.toml with one district on SQLite, no plugin on, for the installed plugins."""
    plugins = by_name(installed)
    stated = {"name": "示例区", "timezone": "Asia/Shanghai", "language": "zh-CN", "plugins": []}
    sections = [
        _HEADER,
        _section("database", DatabaseConfiguration, {"url": DatabaseConfiguration().url}),
        _section("server", ServerConfiguration, {}),
        _section("keys", KeysConfiguration, {}),
        _section(f"districts.{DISTRICT}", DistrictConfiguration, stated) + _available(plugins),
        _section(f"districts.{DISTRICT}.settings.{CORE}", CoreSettings, {}),
        _section(f"districts.{DISTRICT}.settings.{CORE}.limits", Limits, {}),
        *_plugin_sections(plugins),
    ]
    return "\n".join(sections)


def _section(header: str, model: type[BaseModel], stated: Mapping[str, Any], mark: str = "") -> str:
    """A table with all its keys: those in `stated` with that value, the others commented out; `mark` the header."""
    keys = (line for name, field in _values(model) for line in _key(name, field, stated))
    return "\n".join([*_comments(model.__doc__), f"{mark}[{header}]", *keys, ""])


def _values(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The keys of a model; some tables follow as sections of their own."""
    for name, field in model.model_fields.items():
        if name not in _SECTIONS.get(model, ()):
            yield field.alias or name, field


def _key(name: str, field: FieldInfo, stated: Mapping[str, Any]) -> Iterator[str]:
    yield from _comments(field.description)
    mark = "" if name in stated else "#"
    yield f"{mark}{_spelled(name)} = {_literal(stated[name] if name in stated else _example(field))}"


def _comments(text: str | None) -> list[str]:
    """A description as comments: the English on one line, the Chinese on the next."""
    return [f"# {part.strip()}" for part in _CHINESE.split(" ".join((text or "").split()), maxsplit=1) if part.strip()]


def _example(field: FieldInfo) -> Any:
    """The default, or an example where there is none."""
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined or default is None:
        return field.examples[0] if field.examples else None
    return _plain(default)


def _plain(value: object) -> Any:
    """A value in the types that TOML has; sets sorted, since their order differs between processes."""
    if isinstance(value, BaseModel):
        stated = {name: getattr(value, name) for name in type(value).model_fields}
        aliases = {name: field.alias or name for name, field in type(value).model_fields.items()}
        return {aliases[name]: _plain(item) for name, item in stated.items() if item is not None}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    return to_jsonable_python(value)


def _literal(value: Any) -> str:
    if value is None:
        return "..."  # refused as it stands: nobody can take the # away and forget the value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_spelled(key)} = {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return str(tomlkit.item(value).as_string())


def _spelled(key: str) -> str:
    return tomlkit.key(key).as_string()


def _available(plugins: Installed) -> str:
    names = choosable(plugins)
    return f"# All that are installed:\n# 已安装的全部插件：\n#   plugins = {_literal(names)}\n" if names else ""


def _plugin_sections(plugins: Installed) -> Iterator[str]:
    for plugin in plugins.values():
        if plugin.settings_model is not None:
            yield _section(f"districts.{DISTRICT}.settings.{plugin.name}", plugin.settings_model, {}, "#")
    features = {name: text for plugin in plugins.values() for name, text in sorted(plugin.regulated.items())}
    if features:
        yield _regulated(features)


def _regulated(features: Mapping[str, str]) -> str:
    field = DistrictConfiguration.model_fields["regulated"]
    lines = [*_comments(field.description), f"#[districts.{DISTRICT}.regulated]"]
    for name, explanation in features.items():
        lines += [*_comments(explanation), f'#{_spelled(name)} = ""']
    return "\n".join([*lines, ""])
