import { graphql } from "relay-runtime";

export const query = graphql`
  query InboxQuery($filter: VenueFilter, $asOf: DateTime) {
    viewer {
      account {
        username
      }
      grants {
        role
      }
    }
    venues(first: 10, filter: $filter, orderBy: [{ field: NAME, direction: ASC }]) {
      nodes {
        name
        kind
        owner {
          name
        }
      }
    }
    orgs(first: 10, asOf: $asOf) {
      nodes {
        attributes
        validFrom
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export const follow = graphql`
  subscription InboxSubscription($after: Long) {
    events(after: $after) {
      sequence
      type
    }
  }
`;
