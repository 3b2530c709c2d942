// Follows the events of a district with the reference clients: node follow.mjs URL TOKEN COUNT
// Prints, as JSON, what each client received, and what it was told where something is wrong.
import { createClient as sse } from "graphql-sse";
import { createClient as ws } from "graphql-ws";
import WebSocket from "ws";

const [url, token, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const EVENTS = "subscription ($after: Long) { events(after: $after) { sequence type } }";
const WRONG = "subscription { nothing }";

const clients = {
  "graphql-ws": (shown) =>
    ws({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Bearer ${shown}` },
      retryAttempts: 0,
      keepAlive: 200,
    }),
  "graphql-sse": (shown) => sse({ url, headers: { Authorization: `Bearer ${shown}` }, retryAttempts: 0 }),
};

// Unsubscribes after so many results, and answers what came; an error ends it too.
function follow(client, query, variables, wanted) {
  return new Promise((resolve) => {
    const received = [];
    let error = null;
    const unsubscribe = client.subscribe(
      { query, variables },
      {
        next: (result) => {
          received.push(result);
          if (received.length === wanted) unsubscribe();
        },
        error: (reason) => {
          error = Array.isArray(reason)
            ? reason.map((one) => one.extensions.code)
            : (reason.code ?? reason.response?.status ?? String(reason));
          resolve({ received, error });
        },
        complete: () => resolve({ received, error }),
      },
    );
  });
}

const found = {};
for (const [name, connect] of Object.entries(clients)) {
  const client = connect(token);
  const first = await follow(client, EVENTS, { after: 0 }, count);
  const last = first.received.at(-1)?.data?.events?.sequence;
  found[name] = {
    first,
    resumed: await follow(client, EVENTS, { after: last - 1 }, 1),
    wrong: await follow(client, WRONG, {}, 1),
    stranger: await follow(connect("linli_nobody"), EVENTS, {}, 1),
  };
  await client.dispose();
}
console.log(JSON.stringify(found));
process.exit(0);
