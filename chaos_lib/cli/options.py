"""The options before the command, and the settings they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos_lib.errors import InvalidInput

if TYPE_CHECKING:
    from chaos_lib.settings import Settings


@dataclass(frozen=True)
class Options:
    """What stands before the command.

    Attributes:
        home: The mission folder; None takes the environment's or the default.
        tier: The best tier allowed, as it was typed; None takes the environment's.
    """

    home: Path | None = None
    tier: str | None = None

    def settings(self) -> Settings:
        """Return the settings: these options before `OPCHAOS_*` before the defaults.

        Raises:
            InvalidInput: A value cannot be right.
        """
        # Pydantic takes a tenth of a second to import: the help does without.
        from pydantic import ValidationError

        from chaos_lib.settings import Settings

        given: dict[str, Any] = {}
        if self.home is not None:
            given["home"] = self.home.expanduser()
        if self.tier is not None:
            given["tier"] = self.tier.upper()
        try:
            settings = Settings(**given)
        except ValidationError as exc:
            first = exc.errors()[0]
            name = str(first["loc"][0])
            is_option = name in given
            raise InvalidInput(
                f"`{first['input']}` is no value for {f'--{name}' if is_option else f'OPCHAOS_{name.upper()}'}.",
                evidence=first["msg"],
                fix="Choose live, embedded or simulated, or leave it out."
                if name == "tier"
                else "Correct the variable, or unset it.",
            ) from exc
        settings = settings.model_copy(update={"home": settings.home.absolute()})
        if settings.home.exists() and not settings.home.is_dir():
            raise InvalidInput(
                "The mission folder is a file.",
                evidence=str(settings.home),
                fix="Give a folder with `--home`, or unset OPCHAOS_HOME.",
            )
        return settings
