"""HTTP: the GraphQL endpoint of every district, GraphiQL, the directory, health, plugins' routes."""
