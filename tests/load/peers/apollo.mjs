import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { context, schema } from "./loaders.mjs";

const listen = { port: Number(process.env.PORT), host: "127.0.0.1" };
await startStandaloneServer(new ApolloServer(schema), { listen, context: async () => context() });
