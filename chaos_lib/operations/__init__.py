"""Journaled operations: the only way an attack changes anything."""
