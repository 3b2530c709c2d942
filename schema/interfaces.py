"""Interfaces that types of every plugin implement."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="A record with an opaque id. 有全局标识的记录。")
class Node:
    """Relay's Node."""

    id: strawberry.ID = strawberry.field(description="The opaque id. 全局标识。")
