// Prints what the reference audit of GraphQL over HTTP finds at a URL, then "N of M".
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2], fetchFn: fetch });
const passed = results.filter((result) => result.status === "ok");
for (const result of results) {
  if (result.status !== "ok") console.log(result.status, result.id, result.name, result.reason);
}
console.log(`${passed.length} of ${results.length}`);
