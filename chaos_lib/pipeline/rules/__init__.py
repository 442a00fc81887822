"""Rules for a pipeline that can be checked without running it; each is a function that returns findings."""
