"""Explanations of rights as lines for operators."""

from __future__ import annotations

from linli.core.access.explaining import Explanation
from linli.core.access.models import Account, Grant
from linli.core.access.viewer import ActiveGrant
from linli.core.errors import Text
from linli.core.graph.models import OrgNode

from .language import words


async def lines_of(found: Explanation, name: str, permission: str, place: OrgNode) -> list[Text]:
    """Yes with each grant that decides; no with those that count elsewhere and the roles that would do."""
    asked = {"account": name, "permission": permission, "org": _named(place)}
    if found.allowed:
        return [
            words("yes: {account} may {permission} at {org}", **asked),
            *[await _grant(one) for one in found.deciding],
        ]
    lines = [words("no: {account} may not {permission} at {org}", **asked)]
    lines += [words("not there: {grant}", grant=str(await _grant(one))) for one in found.elsewhere]
    needed = ", ".join(found.roles)
    return [
        *lines,
        words("needed: at {org} or above one of the roles: {roles}", org=_named(place), roles=needed or "-"),
    ]


async def _grant(active: ActiveGrant) -> Text:
    grant = await Grant.get(id=active.id).select_related("org")
    start, end = (instant.isoformat() if instant else "-" for instant in (grant.valid_from, grant.valid_to))
    told = {"role": grant.role, "org": _named(grant.org), "start": start, "end": end}
    if active.delegator is None:
        return words("role {role} at {org}, from {start} until {end}", **told)
    delegator = await Account.get(id=active.delegator)
    return words(
        "role {role} at {org}, from {start} until {end}, delegated by {delegator}", delegator=delegator.username, **told
    )


def _named(node: OrgNode) -> str:
    return f"{node.kind}:{node.code or node.name}"
