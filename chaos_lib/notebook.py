"""What the notebooks call: short names for a beginner, one thing each.

Everything is shown in the notebook; nothing is written to stderr (nbgrader gives a cell with stderr no points).
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.core.magic import register_cell_magic
from IPython.display import display

from chaos_lib import answers, grading, live_service, new_version, phases
from chaos_lib.authoring import trial
from chaos_lib.authoring.fault import Fault, write_fault
from chaos_lib.campaign import own_pipeline
from chaos_lib.campaign.coverage import coverage as coverage_of
from chaos_lib.campaign.gates import run_remembered
from chaos_lib.campaign.measured import measure
from chaos_lib.campaign.rounds import DEFAULT_COUNT, Campaign
from chaos_lib.checks import catalogue as checks
from chaos_lib.cluster.blue_green import SwitchReport
from chaos_lib.cluster.deploy import Deployed
from chaos_lib.cluster.diagnosis import Diagnosis
from chaos_lib.credentials import Credential
from chaos_lib.defences.base import Verdict
from chaos_lib.defences.build_times import BuildTimes, measure_build_times
from chaos_lib.defences.flake_detector import FLAKE_DETECTOR, RepeatedRuns, repeat_tests
from chaos_lib.defences.image_gate import Bench
from chaos_lib.doctor import diagnose as examine
from chaos_lib.errors import ChaosError, InvalidInput, NotAnsweredYet
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.image_service import ImageService
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.mission import AttackState, Mission
from chaos_lib.pipeline import declared
from chaos_lib.pipeline.mission_build import has_cluster, run_mission_pipeline
from chaos_lib.pipeline.protocol import StageStatus
from chaos_lib.quiz import paper, sitting
from chaos_lib.service import Answer, Service
from chaos_lib.settings import Settings, Tier
from chaos_lib.ui import (
    campaign_cards,
    cards,
    cluster_cards,
    confetti,
    final_cards,
    formatters,
    hud,
    image_plots,
    live,
    plots,
    quiz_cards,
    quiz_review,
    source_view,
    story,
)
from chaos_lib.ui.campaign_panel import OffensivePanel
from chaos_lib.ui.coverage_table import CoverageTable
from chaos_lib.ui.measured_table import MeasuredTable
from chaos_lib.ui.page import has_front_end
from chaos_lib.ui.panel import AttackPanel
from chaos_lib.ui.progress import LabProgress
from chaos_lib.ui.quiz_panel import QuizPanel
from chaos_lib.ui.rollout_plot import LiveReplicas
from chaos_lib.ui.stage_view import StageView
from chaos_lib.warzone import Warzone

if TYPE_CHECKING:
    from chaos_lib.certificate.view import CertificateView

_current: list[Mission] = []


def start(phase: str | int) -> None:
    """Open a phase: heal what a killed run left, make the workspace, start the lab, show where you stand.

    Running it again is safe.
    """
    grading.open_mission_folder()
    mission = Mission(Settings(), phases.phase(phase))
    _register(mission)
    display(story.opening(mission.phase))
    with LabProgress() as progress:
        healed = mission.begin(progress)
    if healed.attacks:
        display(healed)
    display(hud.show(mission))
    _offer_to_continue(mission)


def panel(*names: str) -> AttackPanel:
    """Show the attack panel: one card an attack, with its buttons."""
    mission = current()
    return AttackPanel(
        mission, names or [a.name for a in mission.attacks.values() if a.phase == mission.phase.name]
    )


def attack(name: str) -> None:
    """Launch an attack; launching it again while it is open only reminds you."""
    mission = current()
    if mission.state_of(name) is AttackState.BROKEN:
        display(cards.at_work(mission.attack(name), f'`chaos.symptom("{name}")` shows what it did.'))
        return
    launched = mission.launch(name)
    display(story.launched(launched))
    _refresh()


def symptom(name: str) -> Verdict:
    """Run the defence that must catch an attack, and see what it says."""
    return defend(current().attack(name).defence)


def defend(name: str) -> Verdict:
    """Run a defence on your workspace."""
    with LabProgress(f"Running {name}", is_transient=True) as progress:
        verdict = current().defend(name, progress.line)
    _refresh()
    return verdict


def hint(name: str) -> Hint:
    """Take the next hint for an attack."""
    return current().hint(name)


def undo(name: str) -> Healed:
    """Undo an attack: everything it touched is as it was, byte for byte."""
    healed = current().undo(name)
    _refresh()
    return healed


def heal() -> Healed:
    """Undo every attack that is open."""
    healed = current().heal()
    _refresh()
    return healed


def debrief(name: str) -> None:
    """Tell why an attack works in real life, and what prevents it."""
    display(story.debrief(current().attack(name)))


def check(name: str) -> None:
    """Run a graded check.

    Raises:
        CheckFailed: It did not pass; the message says what was found, what was expected and what to do next.
    """
    with LabProgress(f"Checking {name}", is_transient=True):
        passed = checks.judge(name, current())
    display(cards.passed(passed.title, passed.points))
    _refresh()


def take_quiz(name: str, *, seed: int | None = None) -> QuizPanel:
    """Show a quiz: that of a phase, or `final`. Answers are judged at once, and may be given again.

    Args:
        name: The phase's name, or `final`.
        seed: Draws the final's questions and shuffles the options; None goes on with the paper you have begun.
    """
    mission = current()
    if seed is None:
        return QuizPanel(sitting.sit(mission.log, mission.phase.name, name, seed=mission.settings.seed))
    return QuizPanel(sitting.Sitting(mission.log, mission.phase.name, paper.paper(name, seed)))


def answer_quiz(name: str, *, seed: int | None = None, **given: Any) -> None:
    """Answer questions of a quiz in a cell, so that the notebook holds the answers and can be graded anywhere.

    Args:
        name: The phase's name, or `final`.
        seed: The paper's seed; needed for the final, which draws its questions.
        given: For each question its answer: an option's name, a list of them, a line's number, or a short text. The quiz
            shows the cell that holds the answers given in it.

    Raises:
        NotAnsweredYet: No answer was given.
        InvalidInput: There is no such question.
        InvalidAnswer: Something cannot be an answer; then none is counted.
    """
    mission = current()
    if seed is None:
        seed = sitting.latest_seed(mission.log, name, default=mission.settings.seed)
    mine = sitting.Sitting(mission.log, mission.phase.name, paper.paper(name, seed))
    outcomes = mine.answer_all(given)
    display(quiz_cards.answered(mine.result(), outcomes))
    live.refresh_all(QuizPanel)


def review_quiz() -> None:
    """Write the quiz to take home: what you got wrong, and some of the rest, for a week from now."""
    mission = current()
    path = quiz_review.write(mission.log, mission.settings.home)
    display(quiz_cards.review(path))


def flakes(runs: int = 8) -> RepeatedRuns:
    """Run the integration tests several times and show how often they pass.

    Args:
        runs: How many times, 2 to 50.
    """
    if not 2 <= runs <= 50:
        raise InvalidInput(f"{runs} runs make no sense here.", fix="Choose a number from 2 to 50.")
    mission = current()
    context = mission.context()
    with LabProgress(f"Running the integration tests {runs} times") as progress:
        repeated = repeat_tests(
            context, runs=runs, on_run=lambda n: progress.step(f"run {n} of {runs}", n / runs)
        )
    mission.note(FLAKE_DETECTOR.judge(repeated, context))
    display(plots.pass_rate(repeated))
    _refresh()
    return repeated


def show(path: str) -> None:
    """Show a file of your workspace."""
    mission = current()
    target = mission.experiment.guard.file(path)
    if not target.is_file():
        raise InvalidInput(
            f"`{path}` is not in your workspace.",
            evidence=str(mission.workspace.folder),
            fix="`chaos.tour()` lists what is there.",
        )
    display(source_view.file(path, target.read_text(encoding="utf-8", errors="replace")))


def tour() -> None:
    """List the files of your workspace, with a word on each room."""
    display(story.tour(current().workspace.folder))


def diff() -> None:
    """Show what has changed in your workspace since your last saved step."""
    display(source_view.diff(current().workspace.changes()))


def checkup() -> None:
    """Show what this machine has, what it lacks, and how to get it."""
    settings = _current[-1].settings if _current else Settings()
    display(cards.doctor(examine(settings)))


def launch_service() -> Service:
    """Start the sample service from your workspace, with the lab's Postgres and Redis."""
    mission = current()
    with LabProgress("Starting mission control"):
        started = Service(mission.context())
    atexit.register(started.stop)
    return started


def build(tag: str = "workspace") -> BuildReport:
    """Build the image of your workspace, and see every step and what it weighs.

    Args:
        tag: What comes after the colon in the image's name: keep two images apart by their tags.
    """
    bench = Bench(current().context(facility="containers"))
    with LabProgress("Building the image") as progress:
        return bench.builder.build(current().workspace.folder, tag=tag, progress=progress)


def compare_images(**reports: BuildReport) -> None:
    """Draw images side by side, layer by layer: `chaos.compare_images(before=one, after=other)`."""
    if not reports:
        raise InvalidInput("There is nothing to compare.", fix="Give the reports of `chaos.build()` names.")
    display(image_plots.image_sizes(reports))


def build_times() -> BuildTimes:
    """Build your image five times and draw how long it takes: with BuildKit's caches, and without."""
    bench = Bench(current().context(facility="containers"))
    with LabProgress("Building the image five times") as progress:
        times = measure_build_times(bench, on_build=lambda text: progress.step(text))
    display(image_plots.build_times(times))
    return times


def run_image() -> ImageService:
    """Build the image of your workspace and run it beside the lab's Postgres and Redis, on a private network."""
    bench = Bench(current().context(facility="containers"))
    with LabProgress("Starting the container"):
        started = ImageService(bench, bench.build().image)
    atexit.register(started.stop)
    return started


def deploy() -> Deployed:
    """Build your image, apply your manifests to the cluster, and watch the replicas come.

    What goes wrong stays as it is, so that you can look at it: `diagnose()`, then `roll_back()`.
    """
    plot = LiveReplicas("Your rollout")
    with LabProgress("Deploying", is_transient=True) as progress:
        deployed = Warzone(current()).deploy(on_step=progress.step, on_progress=plot)
    plot.end()
    _refresh()
    return deployed


def roll_back(revision: int = 0) -> None:
    """Go back to the version before, as `kubectl rollout undo` does, and watch the replicas.

    Args:
        revision: An earlier one by its number; 0 takes the one before the newest.
    """
    plot = LiveReplicas("Your rollback")
    back = Warzone(current()).roll_back(revision, on_progress=plot)
    plot.end()
    display(cluster_cards.rolled_back(back))


def diagnose(workload: str = "") -> Diagnosis:
    """Say in plain words what is wrong with a Deployment, with the evidence and the command that shows it.

    Args:
        workload: Its name; that of the colour that serves when left out.
    """
    return Warzone(current()).diagnose(workload)


def ask(path: str) -> Answer:
    """Ask your service in the cluster over HTTP, through its public Service."""
    return Warzone(current()).ask(path)


def switch_to(colour: str) -> SwitchReport:
    """Deploy a colour beside the one that serves, ask it, and switch to it; switch back at once when it does not hold.

    Args:
        colour: `blue` or `green`.
    """
    plot = LiveReplicas(f"Rollout of {colour}")
    with LabProgress(f"Switching to {colour}", is_transient=True) as progress:
        report = Warzone(current()).switch_to(colour, on_step=progress.step, on_progress=plot)
    plot.end()
    return report


def flip_to(colour: str) -> None:
    """Let the public Service select the other colour, and nothing else: the way back, in a second.

    Args:
        colour: `blue` or `green`.
    """
    display(cluster_cards.flipped(Warzone(current()).flip_to(colour), colour))


def run_pipeline() -> StageView:
    """Run your Jenkinsfile in a fresh checkout, and see its stages while it runs.

    Returns:
        The stage view: `log("Tests")` shows what one stage has said, `log()` the whole console.
    """
    mission = current()
    view = StageView()
    display(view)
    context = mission.context(facility="pipeline")
    with _cluster_view(mission):
        record = run_mission_pipeline(context, listener=view.listener, on_start=view.started)
        view.ended(record)
    if mission.tier_of("containers") is not Tier.LIVE:
        display(
            cards.told(
                "There is no Docker engine in this lab: stages that build or run the image fail here, whoever wrote them."
            )
        )
    if not has_cluster(context) and any(stage.status is StageStatus.NOT_EXECUTED for stage in record.stages):
        display(
            cards.told("There is no cluster in this lab: stages that deploy are skipped by their `when`.")
        )
    _refresh()
    return view


def add_credential(name: str, kind: str = "token") -> None:
    """Put a credential into the store of your pipelines. Its value is drawn here and shown to nobody.

    Args:
        name: Its id: what the Jenkinsfile asks for.
        kind: `token` for a new random one, `kubeconfig` for the file that leads into the lab's cluster.
    """
    context = current().context(facility="pipeline")
    makers: dict[str, Callable[[], Credential]] = {
        "token": declared.drawn,
        "kubeconfig": lambda: declared.kubeconfig(context.lab),
    }
    if kind not in makers:
        raise InvalidInput(
            f"There is no kind of credential `{kind}`.",
            evidence=f"known: {', '.join(makers)}",
            fix="Choose one of them.",
        )
    declared.store_of(context.settings).put(name, makers[kind]())
    display(cards.told(f"The store holds `{name}` now. Its value is in no file, no notebook and no log."))


def rotate_credential(name: str) -> None:
    """Give a credential of the store a new value: what was seen opens nothing any more."""
    store = declared.store_of(current().settings)
    if store.get(name) is None:
        raise InvalidInput(
            f"The store has no credential `{name}`.",
            evidence=f"known: {', '.join(store.ids()) or 'none'}",
            fix="Choose one of them, or add it by `chaos.add_credential`.",
        )
    store.put(name, declared.drawn())
    display(cards.told(f"`{name}` has a new value. The old one is worth nothing."))


def edit(path: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file of your workspace.

    Args:
        path: Relative to the workspace.
        old: What stands there.
        new: What shall stand there.
    """
    mission = current()
    target = mission.experiment.guard.file(path)
    text = target.read_text(encoding="utf-8") if target.is_file() else ""
    if not old or old not in text:
        raise InvalidInput(
            f"`{path}` does not contain that text.",
            evidence=f"looked for {old!r}",
            fix=f'`chaos.show("{path}")` shows the file; copy the text from there.',
        )
    was_kept = mission.workspace.write(path, text.replace(old, new, 1), message=f"Edit: {path}")
    display(cards.answered(path, was_kept=was_kept))


def restore(path: str) -> None:
    """Bring a file of your workspace back to its last commit: `git checkout -- PATH`. What it holds now is kept."""
    mission = current()
    mission.workspace.restore(path)
    display(cards.answered(path, was_kept=True))


def offensive(seed: int | None = None, attacks: int = DEFAULT_COUNT) -> OffensivePanel:
    """Begin the Chaos Agent's offensive against your pipeline, or go on with it; shows its panel.

    Attacked are the gates of your `pipeline.yaml`; without one, those of the finished pipeline.

    Each button is a function of what this returns, too: `next()`, `investigate()`, `hint()`, `check_fix()`, `roll_back()`,
    `report_healthy()` and `scoreboard()`.

    Args:
        seed: Of the draw; your mission's own when left out. The same seed draws the same attacks.
        attacks: How many.
    """
    mission = current()
    chosen = mission.settings.seed if seed is None else seed
    return OffensivePanel(
        Campaign.begin(mission, seed=chosen, count=attacks, gates=_own_pipeline(mission).commit or None)
    )


def coverage() -> None:
    """Show every attack with the gate that must catch it: in your own pipeline, in the finished one, and in the offensive."""
    mission = current()
    display(CoverageTable(coverage_of(mission, _own_pipeline(mission))))


def measured() -> None:
    """Show what every gate said about the attacks of your offensive: your own pipeline beside the finished one.

    What was not asked in the offensive is asked now: the attack is launched once more, and undone.
    """
    mission = current()
    with LabProgress("Measuring", is_transient=True) as progress:
        matrix = measure(
            mission,
            _own_pipeline(mission),
            on_gate=lambda name, number, total: progress.step(
                f"{name} ({number} of {total})", (number - 1) / total
            ),
            on_line=progress.line,
        )
    if not matrix.rows:
        raise InvalidInput(
            "There is nothing to measure yet: no round of the offensive is over.",
            fix="Play it first: `chaos.offensive()`.",
        )
    display(MeasuredTable(matrix))


def run_gates() -> None:
    """Run your own pipeline, `pipeline.yaml`: its gates for a commit, in order, until one is red.

    Raises:
        NotAnsweredYet: Your workspace has none.
        InvalidAnswer: It is no list of gates.
    """
    mission = current()
    own = own_pipeline.read(mission.workspace.folder)
    with LabProgress("Running your pipeline") as progress:
        run = run_remembered(
            mission,
            own.commit,
            on_gate=lambda name, number, total: progress.step(
                f"{name} ({number} of {total})", (number - 1) / total
            ),
            on_line=progress.line,
        )
    display(campaign_cards.gates(run))


def release_version(version: str) -> None:
    """Give green a new version and commit it: what your pipeline brings live next.

    Args:
        version: Three numbers, such as `2.0.0`.
    """
    before = new_version.release(current(), version)
    display(
        cards.told(f"Committed: green is {version} now, after {before}. It is in git, and nowhere else yet.")
    )


def go_live() -> live_service.ClusterService | ImageService | Service:
    """Return your live service: what your pipeline has deployed; without a cluster it is started here."""
    with LabProgress("Going live"):
        started = live_service.go_live(current())
    atexit.register(started.stop)
    return started


def new_attack(
    name: str,
    *,
    path: str,
    old: str,
    new: str,
    gate: str,
    reason: str,
    story: str = "",
) -> None:
    """Write an attack of your own: in a file of the workspace one text becomes another, and a gate must notice.

    Calling it again under the same name writes it anew. `opchaos attack new` writes one with more freedom.

    Args:
        name: What it does to the system, in snake_case.
        path: The workspace file.
        old: What stands there.
        new: What will stand there.
        gate: The defence that must notice.
        reason: The reason code that it will give.
        story: One line in the Chaos Agent's own voice.
    """
    mission = current()
    fault = Fault(path=path, old=old, new=new, gate=gate, reason=reason, story=story)
    target = write_fault(mission.settings, name, mission.phase.name, fault)
    display(final_cards.new_attack(name, target, target.read_text(encoding="utf-8")))


def prove(name: str) -> None:
    """Prove an attack of your own: clean is green, attacked is red as promised, undone is the same, solved is green."""
    mission = current()
    with LabProgress(f"Proving {name}") as progress:
        proved = trial.prove(mission, mission.attack(name), progress.step)
    display(final_cards.proved(proved))


def run_experiment(name: str) -> None:
    """Export an attack of your own as a Chaos Toolkit experiment, and let Chaos Toolkit run it on your workspace."""
    mission = current()
    with LabProgress("Chaos Toolkit is at work"):
        experimented = trial.run_experiment(mission, mission.attack(name))
    display(final_cards.experimented(experimented))


def finish(call_sign: str = "") -> None:
    """Close the phase: what you can say now, with confetti.

    Args:
        call_sign: Who says it; nobody in particular when empty.
    """
    mission = current()
    mission.finish()
    display(hud.show(mission))
    payoff = mission.phase.payoff
    display(confetti.celebrate(f"{call_sign}: {payoff}" if call_sign else payoff))


def certify(name: str, *, paper: str = "a4", instructor: str = "") -> CertificateView:
    """Issue your certificate for what the mission log shows, and show it here.

    Asked again while nothing has happened since, it gives the same certificate.

    Args:
        name: The name that stands on it, in any script.
        paper: `a4` or `letter`.
        instructor: The name of the instructor who vouches for it; needs an instructor's key. Empty: you do.

    Raises:
        CertificateRefused: No phase is finished and no check passed.
        InvalidInput: The name or the paper cannot be right, or there is no instructor's key.
    """
    # Fonts, PDF and cryptography: only the last notebook needs them.
    from chaos_lib.certificate import Attestation, Office, Paper, load

    if paper.lower() not in {size.value for size in Paper}:
        raise InvalidInput(
            f"There is no paper `{paper}`.", evidence="known: a4, letter", fix="Choose one of them."
        )
    settings = _current[-1].settings if _current else Settings()
    issued = Office(settings).issue(
        name,
        attestation=Attestation.INSTRUCTOR if instructor else Attestation.SELF,
        attested_by=instructor,
        paper=Paper(paper.lower()),
    )
    shown: CertificateView = load("view").CertificateView(issued)
    return shown


def current() -> Mission:
    """Return the mission of this notebook.

    Raises:
        InvalidInput: No phase was started yet.
    """
    if not _current:
        raise InvalidInput(
            "No phase is open yet.",
            fix='Run the notebook\'s first code cell: `chaos.start("phase-1-tests")`.',
        )
    return _current[-1]


def answer(path: str, cell: str) -> None:
    """Write a cell into the workspace: what `%%answer PATH` does."""
    mission = current()
    was_kept = answers.save(mission.workspace, path, cell)
    display(cards.answered(path, was_kept=was_kept))


@contextmanager
def _cluster_view(mission: Mission) -> Iterator[None]:
    """Show green's replicas while a pipeline deploys, and who serves in the end; nothing where there is no cluster."""
    if (
        not has_cluster(mission.context())
        or not (mission.workspace.folder / "k8s/base/deployment.yaml").is_file()
    ):
        yield
        return
    zone, plot = Warzone(mission), LiveReplicas("Green in the cluster")
    with zone.watching("green", plot):
        yield
    plot.end(f"; {zone.serving or 'nobody'} serves")


def _own_pipeline(mission: Mission) -> own_pipeline.OwnPipeline:
    try:
        return own_pipeline.read(mission.workspace.folder)
    except NotAnsweredYet:
        return own_pipeline.OwnPipeline(())


def _register(mission: Mission) -> None:
    _current[:] = [mission]
    shell = get_ipython()
    if shell is not None:
        formatters.register(shell)
        if has_front_end():
            shell.set_custom_exc((ChaosError,), _show_as_card)
        register_cell_magic("answer")(lambda line, cell: answer(line.strip(), cell))


def _show_as_card(
    shell: Any, kind: type[ChaosError], exc: ChaosError, traceback: Any, tb_offset: int | None = None
) -> list[str]:
    """Show an error that ends a cell as a card; the cell has still failed, so that "Run All" stops there."""
    display(cards.error(exc))
    exc.is_on_page = True
    shell.showtraceback((kind, exc, traceback), tb_offset=tb_offset)
    return []


def _offer_to_continue(mission: Mission) -> None:
    hidden = mission.hidden_attacks()
    if hidden:
        display(cards.offensive_goes_on())
    names = [run.attack for run in mission.experiment.state().runs if run.attack not in hidden]
    if names:
        display(cards.continue_or_restore(names))


def _refresh() -> None:
    hud.refresh_all()
    AttackPanel.refresh_all()
