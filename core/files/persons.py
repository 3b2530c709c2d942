"""Files of a person, as they are handed out. 个人文件。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery

from ..access.models import Account
from ..records.archive import neutral
from .models import File
from .purposes import FileState


async def files_about(person_id: UUID) -> Sequence[File]:
    """The files that tell of a person, and those that wait which the person uploaded."""
    own = Q(account_id__in=Subquery(Account.filter(person_id=person_id).values("id")), state=FileState.PENDING.value)
    about = Q(person_id=person_id, state=FileState.ATTACHED.value)
    return await File.filter(Q(own, about, join_type=Q.OR)).order_by("id")


def described(file: File) -> dict[str, Any]:
    """What an archive tells of a file; `path` is where it stands in there."""
    name = "" if file.name is None else file.name.decrypt()
    return {
        "id": str(file.id),
        "path": f"files/{file.id}/{name}",
        "name": name,
        "mediaType": file.media_type,
        "size": file.size,
        "sha256": None if file.sha256 is None else file.sha256.decrypt(),
        "purpose": file.purpose,
        "state": file.state,
        "subjectTable": file.subject_table,
        "subjectId": None if file.subject_id is None else str(file.subject_id),
        "uploadedAt": neutral(file.created_at),
    }
