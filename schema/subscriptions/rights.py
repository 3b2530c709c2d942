"""Events after which accounts may see more or less than before. 影响权限的事件。"""

from __future__ import annotations

from linli.core.access import event_types as access
from linli.core.graph import event_types as graph
from linli.core.people import merge_events, relation_events

AFTER_THESE = frozenset(
    one.name
    for one in (
        access.ACCOUNT_CLOSED,
        access.GRANT_GIVEN,
        access.GRANT_REVOKED,
        access.ROLE_DELEGATED,
        access.SESSION_ENDED,
        access.PASSWORD_CHANGED,
        access.SECOND_FACTOR_ENABLED,
        access.SECOND_FACTOR_DISABLED,
        access.CLAIM_APPROVED,
        access.CLAIM_REJECTED,
        graph.ORG_MOVED,
        graph.ORG_ENDED,
        graph.RELATION_CREATED,
        graph.RELATION_ENDED,
        graph.ORGS_IMPORTED,
        graph.ORGS_MERGED,
        graph.ORG_SPLIT,
        relation_events.RELATION_CONFIRMED,
        relation_events.RELATION_ENDED,
        merge_events.PERSONS_MERGED,
        merge_events.PERSON_MERGE_UNDONE,
    )
)
"""What changes rights without an event, such as a grant that ends by its date, is found within `CHECK_SECONDS`."""
