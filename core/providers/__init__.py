"""The bundled authentication providers: OpenID Connect and OAuth2, as a district configures them. 内置身份提供方。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

if TYPE_CHECKING:
    from linli.core.access.authentication import Provider
    from linli.core.districts import District
    from linli.core.plugins.health import HealthProblem

plugin = Plugin(
    name="providers",
    title=Title(en="Authentication providers", zh="身份提供方"),
    description="Signing in by OpenID Connect and OAuth2. 通过 OIDC 与 OAuth2 登录。",
    version="0.1.0",
    requires=">=0.1,<0.2",
    platform=True,
)


@hookimpl
def linli_authentication(district: District) -> Mapping[str, Provider]:
    """The providers in `settings.core.oidc` and `settings.core.oauth2`."""
    from .oauth2 import OAuth2  # noqa: PLC0415  the libraries are loaded where somebody signs in by them
    from .oidc import Oidc  # noqa: PLC0415

    settings = district.settings
    oidc: dict[str, Provider] = {name: Oidc(its) for name, its in settings.oidc.items()}
    return oidc | {name: OAuth2(its) for name, its in settings.oauth2.items()}


@hookimpl
def linli_check(district: District) -> Sequence[HealthProblem]:
    """Roles that need a second factor and that nobody can have."""
    from linli.core.plugins.health import HealthProblem  # noqa: PLC0415

    return [
        HealthProblem(
            message=f"second_factor_roles names {role!r}, and there is no such role here.",
            remedy="Write one of the district's roles in settings.core.",
        )
        for role in district.settings.second_factor_roles
        if role not in district.roles
    ]
