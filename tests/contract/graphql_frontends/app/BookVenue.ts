import { graphql } from "relay-runtime";

export const mutation = graphql`
  mutation BookVenueMutation($input: BookVenueInput!) {
    bookVenue(input: $input) {
      __typename
      ... on Booking {
        id
        state
        start
        end
        fee
        venue {
          name
        }
      }
      ... on NotEligibleError {
        window
        nextEligibleStart
      }
      ... on Error {
        code
        message
        path
      }
    }
  }
`;
