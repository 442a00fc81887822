"""Start the image with nothing set: it has to get as far as asking for its settings."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.image_gate import BUILD_REASONS, RUN_REASONS, Bench, Finding, ImageGate
from chaos_lib.errors import LabError, WaitTimeout
from chaos_lib.lab.builds.one_shot import run_once

_TIMEOUT_S = 30.0
# The service's own exit codes: settings are wrong, Postgres is not there. Both come after every import.
_GOT_FAR_ENOUGH = (2, 3)


class ImportSmoke(ImageGate):
    """Everything that the service imports is in the image."""

    name = "import-smoke"
    title = "Import smoke test"
    command = "docker run --rm mission-control"
    all_well = "The service in the image imports everything that it needs."
    reasons: Mapping[str, str] = {**BUILD_REASONS, **RUN_REASONS}

    def judge(self, bench: Bench) -> Finding:
        """Run the image as it is, without a network and without settings."""
        report = bench.build()
        try:
            outcome = run_once(bench.engine, bench.settings, report.image, timeout_s=_TIMEOUT_S)
        except WaitTimeout:
            return Finding()  # it serves: then it has imported everything
        except LabError as exc:
            return Finding("SERVICE_DOES_NOT_START", evidence=exc.evidence)
        last_lines = "\n".join(outcome.output.splitlines()[-12:])
        evidence = f"exit code {outcome.exit_code}\n{last_lines}"
        if "ModuleNotFoundError" in outcome.output or "ImportError" in outcome.output:
            return Finding("MODULE_MISSING", evidence=evidence)
        if outcome.exit_code in _GOT_FAR_ENOUGH and "MISSION_" in outcome.output:
            return Finding()
        return Finding("SERVICE_DOES_NOT_START", evidence=evidence)


IMPORT_SMOKE = ImportSmoke()
