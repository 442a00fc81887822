"""What can go wrong on purpose.

```
MissionControlError
├── SettingsInvalid      the environment does not describe a service that can run
├── DatabaseUnavailable  Postgres did not answer at start
├── NotFound             answered as 404
└── Conflict             answered as 409
```
"""

from __future__ import annotations

from collections.abc import Sequence


class MissionControlError(Exception):
    """Root of everything this service raises on purpose."""


class SettingsInvalid(MissionControlError):
    """The environment does not describe a service that can run.

    Attributes:
        problems: One plain sentence a problem; never contains a password.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class DatabaseUnavailable(MissionControlError):
    """Postgres did not answer at start."""


class NotFound(MissionControlError):
    """There is no such mission."""


class Conflict(MissionControlError):
    """The request is well formed, but the current state does not allow it."""
