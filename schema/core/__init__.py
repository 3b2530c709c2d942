"""The types, queries and mutations of core."""
