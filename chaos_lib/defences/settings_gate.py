"""Settings are complete, and a missing one is refused at start instead of replaced by a silent default."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping

from chaos_lib.command import Command, CommandResult
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.pytest_run import child_environment
from chaos_lib.defences.scope import SERVICE

_REQUIRED = ("MISSION_DATABASE_URL", "MISSION_REDIS_URL")
_TIMEOUT_S = 30.0


class SettingsGate:
    """Starts the service's own settings check twice: as CI would, and with nothing set at all."""

    name = "settings-gate"
    title = "Settings validated at start"
    phase = "phase-1-tests"
    uses_services = False
    looks_at = SERVICE
    reasons: Mapping[str, str] = {
        "SETTING_MISSING": "The service refuses to start: a setting is missing or misspelt.",
        "SILENT_DEFAULT": "The service starts although a required setting is missing.",
    }
    _command = "python -m mission_control check-settings"

    def run(self, context: DefenceContext) -> Verdict:
        """Check the workspace's own environment, then an empty one."""
        start = time.monotonic()
        environment = child_environment(context)
        result = self._check(context, environment)
        if not result.is_success:
            return self._verdict(
                context,
                start,
                "SETTING_MISSING",
                evidence=result.last_lines,
                remedy="Compare the names in `ci.env` with the names in the evidence, letter by letter.",
            )
        empty = {name: value for name, value in environment.items() if not name.startswith("MISSION_")}
        result = self._check(context, empty)
        unnamed = [name for name in _REQUIRED if not re.search(name, result.output)]
        if result.is_success or unnamed:
            return self._verdict(
                context,
                start,
                "SILENT_DEFAULT",
                evidence=result.last_lines or f"nothing was said about {', '.join(unnamed)}",
                remedy="Give required settings no default: the service must refuse to start without them.",
            )
        return self._verdict(context, start, GREEN)

    def _check(self, context: DefenceContext, environment: Mapping[str, str]) -> CommandResult:
        argv = [sys.executable, "-m", "mission_control", "check-settings"]
        return Command(argv, cwd=context.workspace, env=environment).run(
            timeout_s=_TIMEOUT_S, on_line=context.on_line
        )

    def _verdict(
        self, context: DefenceContext, start: float, reason: str, *, evidence: str = "", remedy: str = ""
    ) -> Verdict:
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=self.reasons.get(reason, "Every setting is there, and a missing one would be refused."),
            evidence=evidence,
            remedy=remedy,
            command=self._command,
            tier=context.tier,
            elapsed_s=time.monotonic() - start,
        )


SETTINGS_GATE = SettingsGate()
