"""How records are kept: the district's store, units of work, classified fields, versions, events, idempotency."""
