-- The way to a query of one's own in PostGraphile is a function of the database. 对比用数据库函数。
CREATE FUNCTION incidents_beneath(under text, wanted text) RETURNS SETOF incidents_incident LANGUAGE sql STABLE AS $$
  SELECT i.* FROM incidents_incident i JOIN core_org_node o ON o.id = i.org_id
  WHERE o.path LIKE under || '%' AND i.status = wanted ORDER BY i.reported_at DESC
$$;
CREATE FUNCTION incident_counts() RETURNS TABLE (id uuid, name text, status text, count int) LANGUAGE sql STABLE AS $$
  WITH counted AS (SELECT org_id, status, count(*) AS number FROM incidents_incident GROUP BY 1, 2)
  SELECT s.id, s.name, c.status, sum(c.number)::int
  FROM counted c JOIN core_org_node o ON o.id = c.org_id
    JOIN core_org_node s ON s.kind = 'SUBDISTRICT' AND o.path LIKE s.path || '%'
  GROUP BY s.id, s.name, s.code, c.status ORDER BY s.code, c.status
$$;
CREATE FUNCTION report_incident(org_id uuid, title text, category text, reporter text, request_id text)
RETURNS incidents_incident LANGUAGE sql VOLATILE AS $$
  WITH given AS (
    SELECT gen_random_uuid() AS incident, gen_random_uuid() AS event,
      json_build_object('category', category, 'title', title)::text AS payload
  ), told AS (
    INSERT INTO core_event
      (id, type, schema_version, subject_type, subject_id, org_id, at, transaction_id, ordinal, suite, digest)
    SELECT event, 'incidents.reported', 1, 'Incident', incident, report_incident.org_id, now(), gen_random_uuid(), 0,
      'SHA256', encode(sha256(payload::bytea), 'hex') FROM given
  ), content AS (
    INSERT INTO core_event_payload (id, suite, payload) SELECT event, 'PLAIN', payload FROM given
  ), request AS (
    INSERT INTO core_request
      (id, account_id, key, body_hash, outcome_type, outcome_id, outcome_version, created_at)
    SELECT gen_random_uuid(), gen_random_uuid(), request_id, encode(sha256(payload::bytea), 'hex'), 'Incident',
      incident, 1, now() FROM given
  )
  INSERT INTO incidents_incident
    (id, version, created_at, updated_at, org_id, title, category, status, reported_at, reporter)
  SELECT incident, 1, now(), now(), report_incident.org_id, title, category, 'REPORTED', now(), reporter FROM given
  RETURNING incidents_incident.*
$$;
COMMENT ON COLUMN core_org_node.kind IS E'@behavior +filterBy'; -- else only what is indexed first can be asked for
