// Resolvers with DataLoader, for the servers that execute field by field.
import DataLoader from "dataloader";
import { byId, byParent, connect, DateTime, roots, typeDefs } from "./tables.mjs";

const pool = connect();
export const schema = {
  typeDefs,
  resolvers: {
    ...roots(pool),
    DateTime,
    Org: {
      parent: (org, _, { loaders }) => (org.parentId === null ? null : loaders.orgs.load(org.parentId)),
      children: (org, _, { loaders }) => loaders.children.load(org.id),
    },
    Incident: { org: (incident, _, { loaders }) => loaders.orgs.load(incident.orgId) },
  },
};
export const context = () => ({
  loaders: {
    orgs: new DataLoader((ids) => byId(pool, ids)),
    children: new DataLoader((ids) => byParent(pool, ids)),
  },
});
