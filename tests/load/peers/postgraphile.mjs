import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const { POSTGRES: connectionString, DISTRICT_SCHEMA: schema, PORT } = process.env;
const options = `-c search_path=${schema}`;
const pool = new pg.Pool({ connectionString, options, max: 10, min: 10, idleTimeoutMillis: 0 });
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool, schemas: [schema] })],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
  schema: { defaultBehavior: "connection list" }, // a list where nobody asks for a total
});
if (process.env.PRINT) {
  const { printSchema } = await import("graphql");
  process.stdout.write(printSchema(await instance.getSchema()));
  process.exit(0);
}
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(PORT), "127.0.0.1");
