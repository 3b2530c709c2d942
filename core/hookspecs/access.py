"""The hooks that say who may do and see what, and who vouches for whom. 权限、身份与密钥的钩子。"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..plugins.markers import hookspec

if TYPE_CHECKING:
    from tortoise.models import Model

    from ..access.authentication import Provider
    from ..access.permissions import Permission
    from ..access.roles import RoleContribution
    from ..access.visibility import PublicRows
    from ..crypto.masters import Source
    from ..districts.district import District
    from ..privacy.purposes import Purpose
    from ..privacy.retention import Retention


@hookspec
def linli_permissions() -> Sequence[Permission]:
    """List the permissions that the plugin's operations ask for. 声明权限。

    Called: once per process at the start, for every installed plugin.
    Returns: permissions named `<label>.<thing>.<verb>`; where the plugin is off, grants of them are dormant.
    Failure: the platform does not start, and so it is when two plugins define one permission.

    Example::

        @hookimpl
        def linli_permissions() -> Sequence[Permission]:
            return [Permission("venues.booking.read", "Read bookings. 查看预约。")]
    """


@hookspec
def linli_roles() -> Sequence[RoleContribution]:
    """Add permissions to roles, and new roles with them. 声明角色及其权限。

    Called: once per process at the start, for every installed plugin; a role holds what all plugins that are on in
    the district add to it, until the district's configuration says otherwise.
    Returns: contributions, each a role in kebab-case with the names of permissions.
    Failure: the platform does not start.

    Example::

        @hookimpl
        def linli_roles() -> Sequence[RoleContribution]:
            return [RoleContribution("community-staff", ("venues.booking.read",))]
    """


@hookspec
def linli_public_rows() -> Mapping[type[Model], PublicRows]:
    """Make rows of other packages' models public, such as the units that own a venue. 声明可公开的数据行。

    Only the columns that are named become public with them; whoever sees a row by nothing else sees the others empty.

    Called: once for each district where the plugin is on, when the district is opened. The rows are read without a
    token only while the district's `public_directory` is on.
    Returns: for each model the columns, and a function from a prefix to a condition: the prefix is empty, or leads
    to the row from another model and ends in two underscores.
    Failure: the district is not opened.

    Example::

        @hookimpl
        def linli_public_rows() -> Mapping[type[Model], PublicRows]:
            from linli.core.access.visibility import PublicRows
            from linli.core.graph.models import OrgNode
            from linli.plugins.venues.visibility import owners

            return {OrgNode: PublicRows(owners, frozenset({"kind", "code", "name"}))}
    """


@hookspec
def linli_purposes() -> Sequence[Purpose]:
    """List what the plugin uses personal data for, so that people can agree to it. 声明个人信息处理目的。

    Called: once for each district where the plugin is on, and once per process for the names.
    Returns: purposes named `<label>.<purpose>`; consents for them are invisible where the plugin is off. What needs
    a consent asks `linli.core.privacy.consents.require_consent(person_id, purpose)`.
    Failure: the district is not opened, and the platform does not start when two plugins define one purpose.

    Example::

        @hookimpl
        def linli_purposes() -> Sequence[Purpose]:
            from linli.plugins.venues.purposes import PURPOSES

            return PURPOSES
    """


@hookspec
def linli_retention_rules() -> Sequence[Retention]:
    """Say how long the plugin's tables keep what tells of people (PIPL art. 19). 声明保存期限。

    Called: once per process for the names, where a configuration adjusts a period, and whenever rules are carried
    out: every night and by `linli retention`, in each district where the plugin has tables, on or off.
    Returns: for each thing that is deleted or cleared after a time a `RetentionRule`, for each personal column that
    is not a `KeptForGood` with the reason; both named `<label>.<thing>`. What has to go first comes first.
    Failure: nothing is deleted or cleared in that district, by no plugin's rule.

    Example::

        @hookimpl
        def linli_retention_rules() -> Sequence[Retention]:
            from linli.plugins.venues.retention import RETENTION

            return RETENTION
    """


@hookspec
def linli_keys() -> Mapping[str, Source]:
    """Add places from which master keys can come, such as a key service. 声明主密钥来源。

    Called: when districts are opened or migrated, for every installed plugin.
    Returns: for each scheme a function from the rest of the address and the folder of linli.toml to the secrets by
    id, the newest last; `[keys] master = "systemd:linli-keys"` names one. It raises MasterKeyError with what to do.
    Failure: the server does not start.

    Example::

        @hookimpl
        def linli_keys() -> Mapping[str, Source]:
            from linli.core.systemd.credentials import from_credential

            return {"systemd": from_credential}
    """


@hookspec
def linli_authentication(district: District) -> Mapping[str, Provider]:
    """Add providers that vouch for who somebody is, such as a city's single sign-on. 声明身份提供方。

    Called: once for each district where the plugin is on, when it is first needed; `district` is the district.
    Returns: providers by the name that clients state in `loginWith`, in small letters.
    Failure: nobody signs in by a provider, and so it is when two plugins give one name; passwords still count.

    Example::

        @hookimpl
        def linli_authentication(district: District) -> Mapping[str, Provider]:
            from linli.core.providers.oidc import Oidc

            return {name: Oidc(its) for name, its in district.settings.oidc.items()}
    """
