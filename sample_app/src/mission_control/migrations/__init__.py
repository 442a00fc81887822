"""The database schema, one numbered SQL file a step. A file that has been released is never edited."""
