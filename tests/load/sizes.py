"""How much is measured: in full for the tables, or short for continuous integration."""

from __future__ import annotations

from dataclasses import dataclass

from .peers.data import Extent


@dataclass(frozen=True)
class Size:
    """How often, how many, how long.

    `nodes` is the size of the large tree, `page_turns` and `asked` how often a page and a list with few or many
    grants are asked for, `slices` how often Linli and what it is compared with take turns, and `seconds` how long one
    turn of mutations or logins takes. `file_bytes` is the size of the file that is sent and fetched; `points`
    are asked for in outlines, `searches` of each sort among `people`. `reactions` is how many deliveries wait for a
    handler at once. A server is killed `kills` times with `stored` events, and with ten times as many. A ledger of
    `ledger_rows` people is written, who live at `ledger_nodes` organisations; a sheet of
    `sheet_rows` people is imported `sheet_turns` times; `kept_people` are in the district that is backed up.
    `followers` subscribe while `events_per_second` are written for `follow_seconds`. `requests` of each kind are looked
    at part by part. `extent` is of the district in which Linli and other servers are compared.
    """

    booking_rounds: int
    nodes: int
    import_turns: int
    page_turns: int
    asked: int
    starts: int
    slices: int
    seconds: float
    file_bytes: int
    points: int
    people: int
    kept_people: int
    searches: int
    reactions: int
    kills: int
    stored: int
    ledger_rows: int
    ledger_nodes: int
    sheet_rows: int
    sheet_turns: int
    followers: int
    events_per_second: float
    follow_seconds: float
    requests: int
    extent: Extent


FULL = Size(
    booking_rounds=200,
    nodes=100_000,
    import_turns=3,
    page_turns=50,
    asked=200,
    starts=7,
    slices=5,
    seconds=2.0,
    file_bytes=200_000_000,
    points=2_000,
    people=1_000_000,
    kept_people=100_000,
    searches=200,
    reactions=2_000,
    kills=7,
    stored=2_000,
    ledger_rows=100_000,
    ledger_nodes=5_002,
    sheet_rows=100_000,
    sheet_turns=3,
    followers=200,
    events_per_second=100.0,
    follow_seconds=10.0,
    requests=1_000,
    extent=Extent(20, 10, 200_000),
)
SHORT = Size(
    booking_rounds=20,
    nodes=2_000,
    import_turns=1,
    page_turns=5,
    asked=5,
    starts=1,
    slices=1,
    seconds=0.5,
    file_bytes=8_000_000,
    points=50,
    people=3_000,
    kept_people=2_000,
    searches=5,
    reactions=40,
    kills=1,
    stored=100,
    ledger_rows=600,
    ledger_nodes=401,
    sheet_rows=600,
    sheet_turns=1,
    followers=20,
    events_per_second=20.0,
    follow_seconds=1.0,
    requests=30,
    extent=Extent(3, 2, 600),
)
