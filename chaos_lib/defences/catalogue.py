"""Every defence, by name."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.availability_probe import AVAILABILITY_PROBE
from chaos_lib.defences.base import Defence
from chaos_lib.defences.can_i_matrix import CAN_I_MATRIX
from chaos_lib.defences.capacity_lint import CAPACITY_LINT
from chaos_lib.defences.container_runs import NON_ROOT, PUBLISHED_PORT, STOP_TIME
from chaos_lib.defences.degraded_mode import DEGRADED_MODE
from chaos_lib.defences.deploy_target import DEPLOY_TARGET
from chaos_lib.defences.dockerfile_lints import HADOLINT, LAYER_ORDER
from chaos_lib.defences.endpoint_check import ENDPOINT_CHECK
from chaos_lib.defences.flake_detector import FLAKE_DETECTOR
from chaos_lib.defences.frozen_clock import FROZEN_CLOCK
from chaos_lib.defences.health_check import HEALTH_CHECK
from chaos_lib.defences.image_builds import IMAGE_BUILDS, PYTHON_VERSION
from chaos_lib.defences.image_exists import IMAGE_EXISTS
from chaos_lib.defences.import_smoke import IMPORT_SMOKE
from chaos_lib.defences.manifest_lint import MANIFEST_LINT
from chaos_lib.defences.must_fail_run import MUST_FAIL_RUN
from chaos_lib.defences.pipeline_rules import (
    AGENT_LABELS,
    CREDENTIAL_INVENTORY,
    JENKINSFILE_LINT,
    PIPELINE_POLICY,
    STAGE_ORDER,
    TRUSTED_BRANCH,
)
from chaos_lib.defences.pipeline_runs import PIPELINE_MUST_FAIL, PIPELINE_RUN
from chaos_lib.defences.pipeline_secrets import PIPELINE_SECRET_SCAN
from chaos_lib.defences.probe_contract import PROBE_CONTRACT
from chaos_lib.defences.random_order import RANDOM_ORDER
from chaos_lib.defences.reference_resolver import REFERENCE_RESOLVER
from chaos_lib.defences.registry_drill import REGISTRY_DRILL
from chaos_lib.defences.rollout_gate import ROLLOUT_GATE
from chaos_lib.defences.schema_contract import SCHEMA_CONTRACT
from chaos_lib.defences.second_build import SECOND_BUILD
from chaos_lib.defences.secret_scan import SECRET_SCAN
from chaos_lib.defences.server_dry_run import SERVER_DRY_RUN
from chaos_lib.defences.settings_gate import SETTINGS_GATE
from chaos_lib.defences.size_budget import SIZE_BUDGET
from chaos_lib.defences.test_suites import INTEGRATION_TESTS, UNIT_TESTS
from chaos_lib.defences.triage import TRIAGE
from chaos_lib.errors import InvalidInput

_ALL: tuple[Defence, ...] = (
    SETTINGS_GATE,
    UNIT_TESTS,
    INTEGRATION_TESTS,
    FLAKE_DETECTOR,
    RANDOM_ORDER,
    FROZEN_CLOCK,
    DEGRADED_MODE,
    MUST_FAIL_RUN,
    HADOLINT,
    LAYER_ORDER,
    IMAGE_BUILDS,
    PYTHON_VERSION,
    IMPORT_SMOKE,
    SIZE_BUDGET,
    SECOND_BUILD,
    SECRET_SCAN,
    NON_ROOT,
    STOP_TIME,
    PUBLISHED_PORT,
    HEALTH_CHECK,
    JENKINSFILE_LINT,
    CREDENTIAL_INVENTORY,
    PIPELINE_SECRET_SCAN,
    PIPELINE_POLICY,
    STAGE_ORDER,
    TRUSTED_BRANCH,
    AGENT_LABELS,
    PIPELINE_RUN,
    PIPELINE_MUST_FAIL,
    MANIFEST_LINT,
    REFERENCE_RESOLVER,
    CAPACITY_LINT,
    IMAGE_EXISTS,
    PROBE_CONTRACT,
    DEPLOY_TARGET,
    SERVER_DRY_RUN,
    # What runs is asked before the next rollout: it applies the manifests again, and hides what was wrong.
    ENDPOINT_CHECK,
    CAN_I_MATRIX,
    ROLLOUT_GATE,
    SCHEMA_CONTRACT,
    AVAILABILITY_PROBE,
    REGISTRY_DRILL,
    TRIAGE,
)
DEFENCES: Mapping[str, Defence] = {defence.name: defence for defence in _ALL}


def find(name: str) -> Defence:
    """Return the defence of that name.

    Raises:
        InvalidInput: There is none.
    """
    if name not in DEFENCES:
        raise InvalidInput(
            f"There is no defence `{name}`.",
            evidence=f"known: {', '.join(DEFENCES)}",
            fix="Choose one of the known names.",
        )
    return DEFENCES[name]
