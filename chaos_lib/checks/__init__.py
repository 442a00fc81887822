"""The graded checks: each raises `CheckFailed` with what was found, what was expected and the next step."""
