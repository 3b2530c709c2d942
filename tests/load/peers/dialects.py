"""The same questions in each server's words, and the way from its answers to the common shape. 各服务的查询。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .questions import Variables, known_as

Unwrap = Callable[[Mapping[str, Any]], Any]
Bind = Callable[[Variables], Variables]


@dataclass(frozen=True)
class Words:
    """A document, how variables are given to it, and what of the data is the answer."""

    document: str
    bind: Bind
    unwrap: Unwrap


def _same(given: Variables) -> Variables:
    return {name: value if isinstance(value, (int, str)) else str(value) for name, value in given.items()}


def _under_path(given: Variables) -> Variables:
    return {"under": given["under"].path, "status": given["status"]}


def _lists(value: Any) -> Any:
    """Connections as the lists that they hold, where nobody asked for their total."""
    if isinstance(value, list):
        return [_lists(each) for each in value]
    if isinstance(value, dict):
        return _lists(value["nodes"]) if set(value) == {"nodes"} else {key: _lists(each) for key, each in value.items()}
    return value


_ORG = "id kind code name depth"
_LESS = "id code name depth"
_INCIDENT = "id title category status reportedAt reporter org { name }"
_BY_CODE = "orderBy: [{field: CODE, direction: ASC}]"
_NEWEST = "orderBy: [{field: REPORTED_AT, direction: DESC}]"


def _statuses(data: Mapping[str, Any]) -> Any:
    return [
        {"id": street["id"], "name": street["name"], "status": line["key"], "count": line["value"]}
        for street in data["orgs"]["nodes"]
        for line in street["incidentCounts"]["status"]
        if line["value"]
    ]


LINLI: Mapping[str, Words] = {
    "Q1": Words(
        f"query ($id: ID!) {{ org(id: $id) {{ {_ORG} version parent {{ name }} }} }}",
        lambda given: {"id": known_as("OrgNode", given["id"])},
        lambda data: data["org"],
    ),
    "Q2": Words(
        f"""query ($offset: Int!) {{
          orgs(filter: {{kind: {{eq: COMMUNITY}}}}, first: 100, offset: $offset, {_BY_CODE}) {{
            nodes {{ {_ORG} children(first: 10, {_BY_CODE}) {{ nodes {{ {_ORG} }} }} }} }} }}""",
        _same,
        lambda data: _lists(data["orgs"]),
    ),
    "Q3": Words(
        f"""{{ orgs(filter: {{kind: {{eq: SUBDISTRICT}}}}, first: 20, {_BY_CODE}) {{
          nodes {{ {_LESS} children(first: 10, {_BY_CODE}) {{
            nodes {{ {_LESS} children(first: 10, {_BY_CODE}) {{ nodes {{ {_LESS} }} }} }} }} }} }} }}""",
        _same,
        lambda data: _lists(data["orgs"]),
    ),
    "Q4": Words(
        f"""query ($id: ID!, $status: IncidentStatus!) {{ org(id: $id) {{
          incidents(filter: {{status: {{eq: $status}}}}, first: 50, {_NEWEST}) {{
            totalCount nodes {{ {_INCIDENT} }} }} }} }}""",
        lambda given: {"id": known_as("OrgNode", given["under"].id), "status": given["status"]},
        lambda data: data["org"]["incidents"],
    ),
    "Q5": Words(
        f"""{{ orgs(filter: {{kind: {{eq: SUBDISTRICT}}}}, first: 20, {_BY_CODE}) {{
          nodes {{ id name incidentCounts {{ status {{ key value }} }} }} }} }}""",
        _same,
        _statuses,
    ),
    "M1": Words(
        f"""mutation ($input: ReportIncidentInput!) {{ reportIncident(input: $input) {{
          ... on Incident {{ {_INCIDENT} }} ... on Error {{ code message }} }} }}""",
        lambda given: {"input": given | {"orgId": known_as("OrgNode", given["orgId"])}},
        lambda data: data["reportIncident"],
    ),
}
"""Linli's own."""

WRITTEN: Mapping[str, Words] = {
    "Q1": Words(
        f"query ($id: ID!) {{ org(id: $id) {{ {_ORG} version parent {{ name }} }} }}", _same, lambda data: data["org"]
    ),
    "Q2": Words(
        f"""query ($offset: Int!) {{ orgs(kind: "COMMUNITY", limit: 100, offset: $offset) {{
          {_ORG} children {{ {_ORG} }} }} }}""",
        _same,
        lambda data: data["orgs"],
    ),
    "Q3": Words(
        f"""{{ orgs(kind: "SUBDISTRICT", limit: 20, offset: 0) {{
          {_LESS} children {{ {_LESS} children {{ {_LESS} }} }} }} }}""",
        _same,
        lambda data: data["orgs"],
    ),
    "Q4": Words(
        f"""query ($under: String!, $status: String!) {{ incidents(under: $under, status: $status, limit: 50) {{
          totalCount nodes {{ {_INCIDENT} }} }} }}""",
        _under_path,
        lambda data: data["incidents"],
    ),
    "Q5": Words("{ counts { id name status count } }", _same, lambda data: data["counts"]),
    "M1": Words(
        f"""mutation ($orgId: ID!, $title: String!, $category: String!, $reporter: String!, $requestId: String!) {{
          reportIncident(
            orgId: $orgId, title: $title, category: $category, reporter: $reporter, requestId: $requestId
          ) {{ {_INCIDENT} }} }}""",
        _same,
        lambda data: data["reportIncident"],
    ),
}
"""Servers whose schema and statements are written by hand."""

_ROW = "id: rowId kind code name depth"
_LESS_ROW = "id: rowId code name depth"
_INCIDENT_ROW = "id: rowId title category status reportedAt reporter org: coreOrgNodeByOrgId { name }"
_BENEATH = "children: coreOrgNodesByParentIdList(orderBy: [CODE_ASC])"

POSTGRAPHILE: Mapping[str, Words] = {
    "Q1": Words(
        f"""query ($id: UUID!) {{ org: coreOrgNodeByRowId(rowId: $id) {{
          {_ROW} version parent: coreOrgNodeByParentId {{ name }} }} }}""",
        _same,
        lambda data: data["org"],
    ),
    "Q2": Words(
        f"""query ($offset: Int!) {{
          orgs: allCoreOrgNodesList(
            condition: {{kind: "COMMUNITY"}}, first: 100, offset: $offset, orderBy: [CODE_ASC]
          ) {{ {_ROW} {_BENEATH} {{ {_ROW} }} }} }}""",
        _same,
        lambda data: data["orgs"],
    ),
    "Q3": Words(
        f"""{{ orgs: allCoreOrgNodesList(condition: {{kind: "SUBDISTRICT"}}, first: 20, orderBy: [CODE_ASC]) {{
          {_LESS_ROW} {_BENEATH} {{ {_LESS_ROW} {_BENEATH} {{ {_LESS_ROW} }} }} }} }}""",
        _same,
        lambda data: data["orgs"],
    ),
    "Q4": Words(
        f"""query ($under: String!, $status: String!) {{
          incidents: incidentsBeneath(under: $under, wanted: $status, first: 50) {{
            totalCount nodes {{ {_INCIDENT_ROW} }} }} }}""",
        _under_path,
        lambda data: data["incidents"],
    ),
    "Q5": Words("{ counts: incidentCountsList { id name status count } }", _same, lambda data: data["counts"]),
    "M1": Words(
        f"""mutation ($orgId: UUID!, $title: String!, $category: String!, $reporter: String!, $requestId: String!) {{
          reportIncident(input: {{
            orgId: $orgId, title: $title, category: $category, reporter: $reporter, requestId: $requestId
          }}) {{ incident: result {{ {_INCIDENT_ROW} }} }} }}""",
        _same,
        lambda data: data["reportIncident"]["incident"],
    ),
}
"""A schema made of the tables."""
