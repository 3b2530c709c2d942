import { graphql } from "relay-runtime";

export const query = graphql`
  query OrgTreeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ...OrgTree_org @alias
    }
  }
`;

export const org = graphql`
  fragment OrgTree_org on OrgNode
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "OrgTreePaginationQuery") {
    name
    kind
    code
    parent {
      name
    }
    children(first: $count, after: $cursor) @connection(key: "OrgTree_children") {
      edges {
        node {
          id
          name
        }
      }
      totalCount
    }
  }
`;
