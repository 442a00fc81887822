"""Kubernetes from the source package of Debian: fetched, compiled, kept in the cache."""
