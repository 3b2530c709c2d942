// What frontend teams run over the SDL: graphql-inspector, graphql-codegen with tsc --strict, the Relay compiler.
// node check.mjs schema.graphql FOLDER: prints what each finds, as JSON; FOLDER is for what they write.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { codegen } from "@graphql-codegen/core";
import * as typescript from "@graphql-codegen/typescript";
import * as operations from "@graphql-codegen/typescript-operations";
import { diff, validate } from "@graphql-inspector/core";
import { buildSchema, parse, print, Source, validateSchema, visit } from "graphql";

const here = dirname(fileURLToPath(import.meta.url));
const [, , path, folder] = process.argv;
const sdl = readFileSync(path, "utf8");
const schema = buildSchema(sdl);
const RELAY = new Set(["alias", "argumentDefinitions", "connection", "refetchable"]);

const texts = readdirSync(join(here, "app")).map((name) => {
  const written = readFileSync(join(here, "app", name), "utf8");
  return [...written.matchAll(/graphql`([^`]+)`/g)].map((found) => found[1]).join("\n");
});
// What is Relay's own is taken out for the others, and its fragment arguments become variables with their defaults.
const plain = parse(texts.join("\n").replaceAll("$count", "20").replaceAll("after: $cursor", ""));
const documents = visit(plain, { Directive: (node) => (RELAY.has(node.name.value) ? null : undefined) });

async function types() {
  const made = { typescript, operations };
  for (const [name, plugin] of Object.entries(made)) {
    const given = {
      documents: [{ document: documents, location: "app" }],
      config: {},
      schema: parse(sdl),
      schemaAst: schema,
      filename: `${name}.ts`,
      plugins: [{ [name]: {} }],
      pluginMap: { [name]: plugin },
    };
    writeFileSync(join(folder, `${name}.ts`), await codegen(given));
  }
  const files = Object.keys(made).map((name) => join(folder, `${name}.ts`));
  return run("typescript/bin/tsc", "--strict", "--noEmit", "--target", "es2022", ...files);
}

function relay() {
  cpSync(join(here, "app"), join(folder, "app"), { recursive: true });
  mkdirSync(join(folder, "app", "__generated__"));
  writeFileSync(join(folder, "schema.graphql"), sdl);
  const told = { src: "app", schema: "schema.graphql", language: "typescript", artifactDirectory: "app/__generated__" };
  writeFileSync(join(folder, "relay.config.json"), JSON.stringify(told));
  const problem = run("relay-compiler/cli.js", "relay.config.json");
  return { problem, made: readdirSync(join(folder, "app", "__generated__")).sort() };
}

function run(script, ...given) {
  const require = createRequire(import.meta.url);
  const [name] = script.split("/");
  const command = join(dirname(require.resolve(`${name}/package.json`)), script.slice(name.length + 1));
  try {
    execFileSync(process.execPath, [command, ...given], { cwd: folder, stdio: "pipe" });
    return null;
  } catch (error) {
    return `${error.stdout ?? ""}${error.stderr ?? ""}` || String(error);
  }
}

const inspected = validate(schema, [new Source(print(documents), "app")], { strictFragments: true });
console.log(
  JSON.stringify({
    schema: validateSchema(schema).map(String),
    inspector: inspected.map((one) => one.errors.map(String)),
    deprecated: inspected.flatMap((one) => one.deprecated.map(String)),
    changes: (await diff(schema, buildSchema(sdl))).length,
    types: await types(),
    relay: relay(),
  }),
);
