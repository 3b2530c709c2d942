"""The API: thin, the services do the work."""

from __future__ import annotations

import strawberry

from linli.schema.context import Info
from linli.schema.contributions import fields
from linli.schema.declare import column, every, node, relation
from linli.schema.inputs import MutationInput, required
from linli.schema.mutations import mutation

from . import models, services


@node(models.Notice, "Something that a community tells everybody. 公告。", order=("created_at",))
class Notice:
    """Read by anybody."""

    org = relation("Who tells it. 发布单位。", "OrgNode")
    words = column("What it tells. 内容。")


@fields("Questions about notices. 公告查询。")
class NoticeQuery:
    """Root fields."""

    notices = every("All notices. 公告列表。", "Notice")


@strawberry.input(description="A new notice. 新公告。")
class PostNoticeInput(MutationInput):
    """Whose, and what it tells."""

    org_id: strawberry.ID = required("Of which organisation. 发布单位。")
    words: str = required("What it tells. 内容。")


@mutation("Post a notice. 发布公告。", Notice, permission="notices.notice.post")
async def post_notice(info: Info, input: PostNoticeInput) -> models.Notice:  # noqa: A002
    """One unit of work, which a refusal undoes."""
    context = info.context
    org_id = context.required_id(input.org_id, "OrgNode", "orgId")
    return await services.post(context.district, context.viewer, org_id, input.words)


@fields("Changes of notices. 公告操作。")
class NoticeMutation:
    """Root fields."""

    post_notice = post_notice
