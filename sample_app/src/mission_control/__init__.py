"""Mission control: missions and agents in Postgres, counters and a cache in Redis."""
