"""Groovy at run time, as far as Jenkinsfiles need it: values, operators, methods, expressions, statements."""
