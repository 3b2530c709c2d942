"""What the plugin adds to the API."""

from __future__ import annotations

from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.schema.context import Info
from linli.schema.contributions import fields
from linli.schema.declare import computed


async def _headcount(node: OrgNode, info: Info) -> int:
    return await Person.filter(info.context.sees(Person), habitual_residence_id=node.id).count()


@fields("What headcount adds to organisations. 人数统计扩展。")
class HeadcountOnOrgNode:
    """Fields of OrgNode."""

    headcount = computed("How many of the people you may see live right here. 常住人数。", _headcount, int)
