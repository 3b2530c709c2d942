import Fastify from "fastify";
import mercurius from "mercurius";
import { byId, byParent, connect, DateTime, roots, typeDefs } from "./tables.mjs";

const pool = connect();
// Mercurius' own batching: a loader is called once with all rows that ask.
const batched = (find, key) => async (asked) => {
  const ids = [...new Set(asked.map(({ obj }) => obj[key]).filter((id) => id !== null))];
  const values = await find(pool, ids);
  const found = new Map(ids.map((id, place) => [id, values[place]]));
  return asked.map(({ obj }) => found.get(obj[key]) ?? null);
};
const app = Fastify({ logger: false });
app.register(mercurius, {
  schema: typeDefs,
  resolvers: { ...roots(pool), DateTime },
  loaders: {
    Org: { parent: batched(byId, "parentId"), children: batched(byParent, "id") },
    Incident: { org: batched(byId, "orgId") },
  },
  jit: 1,
  graphiql: false,
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
