import { createClient } from "graphql-ws";
import WebSocket from "ws"; // in a browser leave this out, and webSocketImpl

const [url, token] = process.argv.slice(2);
let last = 0; // keep it with your copies: it is where you go on after a reload

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: () => ({ Authorization: `Bearer ${token}` }),
  shouldRetry: (close) => close.code !== 4403, // 4403: sign in again, or ask for what you may
});

const query = "subscription ($after: Long) { events(after: $after) { sequence type } }";
for await (const { data } of client.iterate({ query, variables: { after: last } })) {
  last = data.events.sequence;
  console.log(last, data.events.type);
  if (data.events.type === "core.token_issued") break;
}
await client.dispose();
