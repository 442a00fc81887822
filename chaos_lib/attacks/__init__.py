"""The attacks: one fault a file. See `base` for what an attack is and `catalogue` for how they are found."""
