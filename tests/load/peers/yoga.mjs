import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { context, schema } from "./loaders.mjs";

const yoga = createYoga({ schema: createSchema(schema), context, logging: false, graphiql: false, landingPage: false });
createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
