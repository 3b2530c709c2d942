"""Lists: a page of rows with its edges, page info and total, as one subquery."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
from graphql import GraphQLObjectType, get_named_type

from ..declare import ordering
from ..declare.pages import MANY, Page
from .dialects import column_kind, literal
from .standins import Row
from .tokens import NotCompilableError

if TYPE_CHECKING:
    from .statements import Details, Writer


def listed(writer: Writer, page: Page, type_: GraphQLObjectType, details: Details) -> str:
    """The JSON of a connection."""
    if page.searches:
        raise NotCompilableError("a search by personal values is recorded")
    return _List(writer, page, type_, details).sql()


_ONCE = "substr(CAST(COUNT(*) AS TEXT), 1, 0)"
"""Nothing, once for however many rows: what is told of a page may be the same for all pages."""


class _List:
    def __init__(self, writer: Writer, page: Page, type_: GraphQLObjectType, details: Details) -> None:
        self._writer, self._page, self._type = writer, page, type_
        self._fields = writer.grouped(type_, details)
        names = [one[0].node.name.value for one in self._fields.values()]
        self._paged = "pageInfo" in names or page.part.backwards
        self._rows_wanted = bool({"nodes", "edges", "pageInfo"} & set(names))
        self._size = page.part.size

    def sql(self) -> str:
        if not self._rows_wanted:
            return self._writer.record([(name, self._without_rows(one)) for name, one in self._fields.items()])
        if self._writer.dialect.name != "sqlite" or not self._page.wide or self._writer.depth > 1:
            return self._read(narrowed=False)
        return f"CASE WHEN {self._narrows()} THEN {self._read(narrowed=True)} ELSE {self._read(narrowed=False)} END"

    def _narrows(self) -> str:
        """What `Page` asks SQLite first, as part of the statement: see there."""
        write, model = self._writer.written, self._page.node.model
        found = write(self._page.counted.only("id").limit(MANY))
        some = write(model.all().only("id").limit(MANY))
        full = f"(SELECT COUNT(*) FROM ({found}))={MANY}"  # noqa: S608  SQL of ours
        return f"((SELECT COUNT(*) FROM ({some}))<{MANY} OR {full})"  # noqa: S608  SQL of ours

    def _without_rows(self, details: Details) -> str:
        name = details[0].node.name.value
        if name == "totalCount":
            query = self._page.counted.only("id")
            return f"(SELECT CAST(COUNT(*) AS TEXT) FROM ({self._writer.written(query)}) c)"  # noqa: S608  SQL of ours
        return literal(orjson.dumps(self._type.name).decode())

    def _read(self, *, narrowed: bool) -> str:
        row = self._writer.row(self._page.node)
        fields = [(name, self._field(row, one)) for name, one in self._fields.items()]
        for key in self._page.order:
            row.column(key.column)
        made = self._writer.dialect.concat([self._writer.record(fields), _ONCE])
        return f"(SELECT {made} FROM ({self._source(row, narrowed)}) {row.alias})"  # noqa: S608

    def _source(self, row: Row, narrowed: bool) -> str:
        part, writer = self._page.part, self._writer
        query = self._page.listed(narrowed=narrowed).order_by(
            *ordering.order_by(self._page.order, backwards=part.backwards)
        )
        query = query.offset(part.offset or 0).limit(self._size + self._paged)
        made = writer.written(writer.of(row, query))
        if not self._paged:
            return made
        order = self._order("q", backwards=part.backwards)
        numbered = f"SELECT q.*, row_number() OVER (ORDER BY {order}) AS n, count(*) OVER () AS c FROM ({made}) q"  # noqa: S608
        return f"{numbered} ORDER BY n{' DESC' if part.backwards else ''}{writer.dialect.count_more}"

    def _order(self, alias: str, *, backwards: bool) -> str:
        model = self._page.node.model
        names = model._meta.fields_db_projection
        return ", ".join(
            f'{alias}."{names.get(key.name, key.name)}"{" DESC" if key.descending != backwards else ""}'
            for key in self._page.order
        )

    def _field(self, row: Row, details: Details) -> str:
        make: dict[str, Callable[[Row, Details], str]] = {
            "nodes": self._nodes,
            "edges": self._edges,
            "pageInfo": self._page_info,
        }
        name = details[0].node.name.value
        return make[name](row, details) if name in make else self._without_rows(details)

    def _child(self, name: str) -> GraphQLObjectType:
        found = get_named_type(self._type.fields[name].type)
        assert isinstance(found, GraphQLObjectType)
        return found

    def _array(self, row: Row, sql: str) -> str:
        """The JSON of all rows of the page, in order."""
        dialect = self._writer.dialect
        if not self._paged:
            joined = dialect.joined(sql, self._order(row.alias, backwards=False), "")
        else:
            way = " DESC" if self._page.part.backwards else ""
            joined = dialect.joined(sql, f"{row.alias}.n{way}", f"{row.alias}.n<={self._size}")
        return dialect.concat(["'['", joined, "']'"])

    def _nodes(self, row: Row, details: Details) -> str:
        return self._array(row, self._writer.object(row, self._child("nodes"), details))

    def _edges(self, row: Row, details: Details) -> str:
        edge = self._child("edges")
        fields = []
        for name, one in self._writer.grouped(edge, details).items():
            asked = one[0].node.name.value
            if asked == "cursor":
                made = self._cursor(row)
            elif asked == "node":
                node = get_named_type(edge.fields["node"].type)
                assert isinstance(node, GraphQLObjectType)
                made = self._writer.object(row, node, one)
            else:
                made = literal(orjson.dumps(edge.name).decode())
            fields.append((name, made))
        return self._array(row, self._writer.record(fields))

    def _cursor(self, row: Row) -> str:
        columns = self._page.node.model._meta.fields_map
        keys = [(column_kind(columns[key.column]) or "", row.column(key.column)) for key in self._page.order]
        return self._writer.dialect.cursor(ordering.name_of(self._page.order), keys)

    def _page_info(self, row: Row, details: Details) -> str:
        info, part = self._child("pageInfo"), self._page.part
        n = f"{row.alias}.n"
        more = f"CASE WHEN coalesce(max({n}), 0)>{self._size} THEN 'true' ELSE 'false' END"
        least = self._writer.dialect.least(str(self._size), f"{row.alias}.c")
        ends = [self._at(row, "1"), self._at(row, least)]
        start, end = ends[::-1] if part.backwards else ends
        known = {
            "hasNextPage": _told(part.before is not None) if part.backwards else more,
            "hasPreviousPage": more if part.backwards else _told(part.after is not None or bool(part.offset)),
            "startCursor": start,
            "endCursor": end,
            "__typename": literal(orjson.dumps(info.name).decode()),
        }
        fields = [(name, known[one[0].node.name.value]) for name, one in self._writer.grouped(info, details).items()]
        return self._writer.record(fields)

    def _at(self, row: Row, number: str) -> str:
        if self._size == 0:
            return "'null'"
        return f"coalesce(max(CASE WHEN {row.alias}.n={number} THEN {self._cursor(row)} END), 'null')"


def _told(value: bool) -> str:
    return "'true'" if value else "'false'"
