"""The defences of a Jenkinsfile that need no build: each is one or two of the rules, as a gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos_lib.defences import scope
from chaos_lib.defences.pipeline_gate import FILE_REASONS, PipelineGate, Project
from chaos_lib.pipeline.declared import store_of
from chaos_lib.pipeline.rules.agent_labels import agent_labels
from chaos_lib.pipeline.rules.credential_inventory import inventory
from chaos_lib.pipeline.rules.finding import Finding
from chaos_lib.pipeline.rules.jenkinsfile_lint import lint
from chaos_lib.pipeline.rules.policy import policy
from chaos_lib.pipeline.rules.stage_order import stage_order
from chaos_lib.pipeline.rules.trusted_branch import branch_guards
from chaos_lib.pipeline.runner.agents import OWN_LABELS


class JenkinsfileLint(PipelineGate):
    """What Jenkins itself would say of the file, before it reaches a controller."""

    name = "jenkinsfile-lint"
    title = "Declarative lint"
    reasons: Mapping[str, str] = {
        "JENKINSFILE_MISSING": FILE_REASONS["JENKINSFILE_MISSING"],
        "SYNTAX_ERROR": "The Jenkinsfile is no valid Groovy.",
        "NO_PIPELINE": "The Jenkinsfile holds no `pipeline` block.",
        "SECTION_MISSING": "The Jenkinsfile lacks a section that every Declarative Pipeline needs.",
        "INVALID_PIPELINE": "Jenkins would not accept the Jenkinsfile.",
    }
    all_well = "Jenkins would accept the Jenkinsfile."

    def first_look(self, project: Project) -> Sequence[Finding]:
        """Everything that Jenkins objects to."""
        return lint(project.parsed)


class CredentialInventory(PipelineGate):
    """Every credentials id that is used is in the store, and every one in the store is used."""

    name = "credential-inventory"
    title = "Credential inventory"
    looks_at = scope.JENKINSFILE | scope.Scope((), (scope.CREDENTIALS,))
    reasons: Mapping[str, str] = {
        **FILE_REASONS,
        "CREDENTIAL_ABSENT": "The pipeline asks for a credential that the store does not have.",
        "CREDENTIAL_COMPUTED": "The id of a credential is put together while the build runs: nobody can check it.",
        "CREDENTIAL_UNUSED": "The store holds a credential that the pipeline does not use.",
    }
    all_well = "Every credential that the pipeline uses is in the store, and the other way round."

    def judge(self, project: Project) -> Sequence[Finding]:
        """Compare the Jenkinsfile with the store; what is missing comes first."""
        found = inventory(project.parsed, store_of(project.context.settings).ids())
        return sorted(found, key=lambda finding: list(self.reasons).index(finding.reason))


class PipelinePolicy(PipelineGate):
    """Failures are seen, versions are fixed, nothing waits for ever, reports are always there."""

    name = "pipeline-policy"
    title = "Pipeline policy"
    reasons: Mapping[str, str] = {
        **FILE_REASONS,
        "EXIT_CODE_SWALLOWED": "A command's failure is hidden: the build would be green with failing tests.",
        "EXCEPTION_SWALLOWED": "An error is caught and forgotten.",
        "LATEST_TAG": "`latest` is another image tomorrow: what was tested is not what is deployed.",
        "TIMEOUT_MISSING": "Nothing ends a build that hangs.",
        "POST_MISSING": "A failed build leaves no report: there is no `post`.",
        "REPORT_MISSING": "Nobody sees which tests failed: there is no `junit` step.",
        "REPORT_ON_SUCCESS_ONLY": "The test report is published only when nobody needs it.",
        "REPORT_MAY_BE_EMPTY": "A build without any test would be green.",
    }
    all_well = "The pipeline keeps the house rules."

    def judge(self, project: Project) -> Sequence[Finding]:
        """Ask the house rules; what hides a failure comes first."""
        return sorted(policy(project.parsed), key=lambda finding: list(self.reasons).index(finding.reason))


class StageOrder(PipelineGate):
    """Tests before the deployment, a smoke gate before the traffic switches."""

    name = "stage-order"
    title = "Stage order"
    reasons: Mapping[str, str] = {
        **FILE_REASONS,
        "DEPLOY_BEFORE_TEST": "The pipeline deploys before it tests.",
        "DEPLOY_WITHOUT_TEST": "The pipeline deploys, and never tests.",
        "SWITCH_BEFORE_SMOKE": "The traffic switches to a version that nobody has asked whether it is well: "
        "users see 503 until it is, if it ever is.",
    }
    all_well = "Tests come before the deployment, and a smoke gate before the switch."

    def judge(self, project: Project) -> Sequence[Finding]:
        """Ask for the order; a switch without a look comes first, because users see it."""
        found = stage_order(project.parsed)
        return sorted(found, key=lambda finding: finding.reason != "SWITCH_BEFORE_SMOKE")


class TrustedBranch(PipelineGate):
    """Who only proposes a change gets neither a secret nor a deployment."""

    name = "trusted-branch"
    title = "Trusted branch"
    reasons: Mapping[str, str] = {
        **FILE_REASONS,
        "SECRET_FOR_EVERY_BRANCH": "A secret is handed to the build of any branch: a change request could take it away.",
        "DEPLOY_FROM_EVERY_BRANCH": "A change request that nobody has reviewed would be deployed.",
    }
    all_well = "Secrets and deployments are for the trusted branch alone."

    def judge(self, project: Project) -> Sequence[Finding]:
        """Ask for guards; a secret that leaves comes first."""
        return sorted(
            branch_guards(project.parsed), key=lambda finding: finding.reason != "SECRET_FOR_EVERY_BRANCH"
        )


class AgentLabels(PipelineGate):
    """Every label belongs to an agent: a build for an unknown one waits for ever."""

    name = "agent-labels"
    title = "Agent labels"
    reasons: Mapping[str, str] = {
        **FILE_REASONS,
        "LABEL_UNKNOWN": "The pipeline waits for an agent that does not exist.",
    }
    all_well = "There is an agent for every label."

    def judge(self, project: Project) -> Sequence[Finding]:
        """Compare the labels with those of the agents there are."""
        return agent_labels(project.parsed, OWN_LABELS)


JENKINSFILE_LINT = JenkinsfileLint()
CREDENTIAL_INVENTORY = CredentialInventory()
PIPELINE_POLICY = PipelinePolicy()
STAGE_ORDER = StageOrder()
TRUSTED_BRANCH = TrustedBranch()
AGENT_LABELS = AgentLabels()
