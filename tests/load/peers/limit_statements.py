"""The limit's statements: each makes the whole answer, and escapes only what could need it. 手写语句。"""

from __future__ import annotations

from collections.abc import Mapping

_NAMED = """'"code":', to_json({0}.code), ',"name":', to_json({0}.name), ',"depth":', {0}.depth"""
_ORG = f"""concat('{{{{"id":"', {{0}}.id, '","kind":"', {{0}}.kind, '",', {_NAMED}"""
_LESS = f"""concat('{{{{"id":"', {{0}}.id, '",', {_NAMED}"""
_INCIDENT = """concat('{"id":"', i.id, '","title":', to_json(i.title),
 ',"category":"', i.category, '","status":"', i.status, '","reportedAt":', to_json(i.reported_at),
 ',"reporter":', to_json(i.reporter), ',"org":{"name":', to_json(o.name), '}}')"""


def _beneath(of: str, name: str, fields: str, more: str = "'}'") -> str:
    """The children of a row as a list, by code."""
    made = f"{fields.format(name)}, {more})"
    return (
        f"(SELECT concat('[', string_agg({made}, ',' ORDER BY {name}.code), ']')"
        f" FROM core_org_node {name} WHERE {name}.parent_id = {of}.id)"
    )


def _listed(kind: str, fields: str, children: str, rows: str) -> str:
    made = f"""{fields.format("t")}, ',"children":', {children}, '}}')"""
    return (
        f"""SELECT concat('{{"data":{{"orgs":[', string_agg({made}, ',' ORDER BY t.code), ']}}}}')"""
        f" FROM (SELECT * FROM core_org_node WHERE kind = '{kind}' ORDER BY code {rows}) t"
    )


_Q1 = f"""SELECT concat('{{"data":{{"org":', {_ORG.format("t")}, ',"version":', t.version,
 ',"parent":', CASE WHEN p.id IS NULL THEN 'null' ELSE concat('{{"name":', to_json(p.name), '}}') END, '}}'), '}}}}')
 FROM core_org_node t LEFT JOIN core_org_node p ON p.id = t.parent_id WHERE t.id = $1"""
_Q4 = f"""WITH found AS MATERIALIZED (
  SELECT * FROM incidents_incident WHERE status = $2
    AND org_id = ANY(ARRAY(SELECT id FROM core_org_node WHERE path LIKE $1)))
 SELECT concat('{{"data":{{"incidents":{{"totalCount":', (SELECT count(*) FROM found), ',"nodes":[',
  (SELECT string_agg({_INCIDENT}, ',' ORDER BY i.reported_at DESC)
   FROM (SELECT * FROM found ORDER BY reported_at DESC LIMIT 50) i
   JOIN core_org_node o ON o.id = i.org_id), ']}}}}}}')"""
_Q5 = """WITH counted AS (SELECT org_id, status, count(*) AS number FROM incidents_incident GROUP BY 1, 2)
 SELECT concat('{"data":{"counts":[', string_agg(concat('{"id":"', id, '","name":', to_json(name),
  ',"status":"', status, '","count":', number, '}'), ','), ']}}')
 FROM (SELECT s.id, s.name, c.status, sum(c.number) AS number FROM counted c JOIN core_org_node o ON o.id = c.org_id
   JOIN core_org_node s ON s.kind = 'SUBDISTRICT' AND o.path LIKE s.path || '%' GROUP BY 1, 2, 3) lines"""
_M1 = f"""WITH i AS (
  INSERT INTO incidents_incident
   (id, version, created_at, updated_at, org_id, title, category, status, reported_at, reporter)
  VALUES ($1, 1, now(), now(), $5, $6::varchar, $7::varchar, 'REPORTED', now(), $8::varchar) RETURNING *),
 told AS (
  INSERT INTO core_event
   (id, type, schema_version, subject_type, subject_id, org_id, at, transaction_id, ordinal, suite, digest)
  VALUES ($2, 'incidents.reported', 1, 'Incident', $1, $5, now(), $3, 0, 'SHA256', $11::varchar)),
 content AS (INSERT INTO core_event_payload (id, suite, payload) VALUES ($2, 'PLAIN', $10::varchar)),
 request AS (
  INSERT INTO core_request (id, account_id, key, body_hash, outcome_type, outcome_id, outcome_version, created_at)
  VALUES ($4, $3, $9::varchar, $11::varchar, 'Incident', $1, 1, now()))
 SELECT concat('{{"data":{{"reportIncident":', {_INCIDENT}, '}}}}')
 FROM i JOIN core_org_node o ON o.id = i.org_id"""

STATEMENTS: Mapping[str, str] = {
    "Q1": _Q1,
    "Q2": _listed("COMMUNITY", _ORG, _beneath("t", "c", _ORG), "LIMIT 100 OFFSET $1"),
    "Q3": _listed(
        "SUBDISTRICT",
        _LESS,
        _beneath("t", "c", _LESS, f"""',"children":', {_beneath("c", "g", _LESS)}, '}}'"""),
        "LIMIT 20",
    ),
    "Q4": _Q4,
    "Q5": _Q5,
    "M1": _M1,
}
