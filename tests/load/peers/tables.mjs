// What the hand-written servers have in common: the schema, the statements, and how a row is written.
import { createHash, randomUUID } from "node:crypto";
import { GraphQLScalarType } from "graphql";
import pg from "pg";

export const typeDefs = `
  scalar DateTime
  type Org {
    id: ID!
    kind: String!
    code: String
    name: String!
    depth: Int!
    version: Int!
    parent: Org
    children: [Org!]!
  }
  type Incident {
    id: ID!
    title: String!
    category: String!
    status: String!
    reportedAt: DateTime!
    reporter: String!
    org: Org!
  }
  type IncidentPage { totalCount: Int!, nodes: [Incident!]! }
  type Count { id: ID!, name: String!, status: String!, count: Int! }
  type Query {
    org(id: ID!): Org
    orgs(kind: String!, limit: Int!, offset: Int!): [Org!]!
    incidents(under: String!, status: String!, limit: Int!): IncidentPage!
    counts: [Count!]!
  }
  type Mutation {
    reportIncident(orgId: ID!, title: String!, category: String!, reporter: String!, requestId: String!): Incident!
  }
`;

export const DateTime = new GraphQLScalarType({ name: "DateTime", serialize: (instant) => instant.toISOString() });

const ORG = `id, parent_id AS "parentId", kind, code, name, depth, version`;
const INCIDENT = `i.id, i.title, i.category, i.status, i.reported_at AS "reportedAt", i.reporter, i.org_id AS "orgId"`;
const BENEATH = `FROM incidents_incident i JOIN core_org_node o ON o.id = i.org_id WHERE o.path LIKE $1 AND i.status = $2`;

// A statement with a name is prepared once for each connection.
const statement = (name, text) => (...values) => ({ name, text, values });
const statements = {
  org: statement("org", `SELECT ${ORG} FROM core_org_node WHERE id = $1`),
  orgs: statement("orgs", `SELECT ${ORG} FROM core_org_node WHERE id = ANY($1::uuid[])`),
  ofKind: statement("kind", `SELECT ${ORG} FROM core_org_node WHERE kind = $1 ORDER BY code LIMIT $2 OFFSET $3`),
  children: statement("children", `SELECT ${ORG} FROM core_org_node WHERE parent_id = ANY($1::uuid[]) ORDER BY code`),
  incidents: statement("incidents", `SELECT ${INCIDENT} ${BENEATH} ORDER BY i.reported_at DESC LIMIT $3`),
  howMany: statement("many", `SELECT count(*)::int AS number ${BENEATH}`),
  counts: statement("counts", `
    WITH counted AS (SELECT org_id, status, count(*) AS number FROM incidents_incident GROUP BY 1, 2)
    SELECT s.id, s.name, c.status, sum(c.number)::int AS count
    FROM counted c JOIN core_org_node o ON o.id = c.org_id
      JOIN core_org_node s ON s.kind = 'SUBDISTRICT' AND o.path LIKE s.path || '%'
    GROUP BY s.id, s.name, s.code, c.status ORDER BY s.code, c.status`),
};

const INSERTS = [
  statement("incident", `INSERT INTO incidents_incident AS i
    (id, version, created_at, updated_at, org_id, title, category, status, reported_at, reporter)
    VALUES ($1, 1, $2, $2, $3, $4, $5, 'REPORTED', $2, $6) RETURNING ${INCIDENT}`),
  statement("event", `INSERT INTO core_event
    (id, type, schema_version, subject_type, subject_id, org_id, at, transaction_id, ordinal, suite, digest)
    VALUES ($1, 'incidents.reported', 1, 'Incident', $2, $3, $4, $5, 0, 'SHA256', $6)`),
  statement("payload", `INSERT INTO core_event_payload (id, suite, payload) VALUES ($1, 'PLAIN', $2)`),
  statement("request", `INSERT INTO core_request
    (id, account_id, key, body_hash, outcome_type, outcome_id, outcome_version, created_at)
    VALUES ($1, $2, $3, $4, 'Incident', $5, 1, $6)`),
];
const ACCOUNT = randomUUID();
const hash = (text) => createHash("sha256").update(text).digest("hex");

export const connect = () => {
  const { POSTGRES: connectionString, DISTRICT_SCHEMA: schema } = process.env;
  return new pg.Pool({ connectionString, options: `-c search_path=${schema}`, max: 10, min: 10, idleTimeoutMillis: 0 });
};
export const rows = async (pool, query) => (await pool.query(query)).rows;

async function report(pool, given) {
  const client = await pool.connect();
  const [id, event, now] = [randomUUID(), randomUUID(), new Date()];
  const payload = JSON.stringify({ category: given.category, title: given.title });
  const [incident, told, content, request] = INSERTS;
  try {
    await client.query("BEGIN");
    const written = await client.query(incident(id, now, given.orgId, given.title, given.category, given.reporter));
    await client.query(told(event, id, given.orgId, now, randomUUID(), hash(payload)));
    await client.query(content(event, payload));
    await client.query(request(randomUUID(), ACCOUNT, given.requestId, hash(payload), id, now));
    await client.query("COMMIT");
    return written.rows[0];
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

export const roots = (pool) => ({
  Query: {
    org: async (_, { id }) => (await rows(pool, statements.org(id)))[0] ?? null,
    orgs: (_, { kind, limit, offset }) => rows(pool, statements.ofKind(kind, limit, offset)),
    incidents: (_, given) => given,
    counts: () => rows(pool, statements.counts()),
  },
  IncidentPage: {
    nodes: ({ under, status, limit }) => rows(pool, statements.incidents(`${under}%`, status, limit)),
    totalCount: async ({ under, status }) => (await rows(pool, statements.howMany(`${under}%`, status)))[0].number,
  },
  Mutation: { reportIncident: (_, given) => report(pool, given) },
});

// One row for each id, and the rows of each parent: what loaders ask for.
export const byId = async (pool, ids) => {
  const found = new Map((await rows(pool, statements.orgs(ids))).map((row) => [row.id, row]));
  return ids.map((id) => found.get(id) ?? null);
};
export const byParent = async (pool, ids) => {
  const found = new Map(ids.map((id) => [id, []]));
  for (const row of await rows(pool, statements.children(ids))) found.get(row.parentId).push(row);
  return ids.map((id) => found.get(id));
};
