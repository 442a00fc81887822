"""Operation Chaos: Break It to Make It. The public names of the workshop."""
