"""The lab: the real tools behind the workshop, started and stopped as one thing."""
