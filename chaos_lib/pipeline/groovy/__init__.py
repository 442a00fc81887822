"""Groovy 2.4, as far as Jenkinsfiles go: its tokens, its grammar, its tree and its error messages."""
