"""What happens when people turn out to be one."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

PERSON_MERGE = "PersonMerge"


class PersonMergeTold(BaseModel):
    """Which two, and how many references were led from one to the other; the values themselves are not told."""

    kept_id: Internal[UUID]
    merged_id: Internal[UUID]
    taken: Public[tuple[str, ...]] = ()
    references: Public[int] = 0


PERSON_MERGE_PROPOSED = EventType(
    "core.person_merge_proposed", 1, PersonMergeTold, "Two people were said to be one. 提出人员合并。"
)
PERSONS_MERGED = EventType("core.persons_merged", 1, PersonMergeTold, "Two people were merged. 人员已合并。")
PERSON_MERGE_REFUSED = EventType("core.person_merge_refused", 1, PersonMergeTold, "Two people are not one. 不予合并。")
PERSON_MERGE_UNDONE = EventType(
    "core.person_merge_undone", 1, PersonMergeTold, "A merge of two people was undone. 撤销人员合并。"
)

EVENT_TYPES = (PERSON_MERGE_PROPOSED, PERSONS_MERGED, PERSON_MERGE_REFUSED, PERSON_MERGE_UNDONE)
