"""The steps that the runner knows, by sort; `registry` brings them together."""
