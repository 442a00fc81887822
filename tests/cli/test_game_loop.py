"""The game with a scripted player: what is typed, what is shown, and what the table of scores says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos_lib.campaign.ground import GameGround
from chaos_lib.campaign.high_scores import HighScores
from chaos_lib.cli.game_loop import COMMANDS, Game, Work, meaning_of
from chaos_lib.errors import AttackRefused
from chaos_lib.mission import Mission
from tests.campaign.conftest import Clock, clock, fix, gates, mission  # noqa: F401 - fixtures


class Player:
    """A terminal at which a script types; a step of the script is a line, or something to do before the next line."""

    def __init__(self, *script: str | Callable[[], object]) -> None:
        self.script = list(script)
        self.prompts: list[str] = []
        self.shown: list[str] = []

    def ask(self, prompt: str) -> str | None:
        self.prompts.append(prompt)
        while self.script:
            step = self.script.pop(0)
            if isinstance(step, str):
                return step
            step()
        return None

    def show(self, card: object) -> None:
        self.shown.append(str(card))

    def say(self, text: str) -> None:
        self.shown.append(text)

    @contextmanager
    def working(self, doing: str) -> Iterator[Work]:
        yield Work(lambda name, number, total: None, lambda line: None)

    @property
    def text(self) -> str:
        return "\n".join(self.shown)


@pytest.fixture
def ground(mission: Mission, tmp_path: Path) -> GameGround:  # noqa: F811
    clean = mission.workspace.git.run("rev-parse", "HEAD").output.strip()
    return GameGround(mission, HighScores(tmp_path / "scores.sqlite"), clean)


def a_game(ground: GameGround, player: Player, *, seed: int = 3, count: int = 2, minutes: float = 15) -> Game:
    return Game(ground, player, seed=seed, minutes=minutes, count=count, player="Ada")


def kept(ground: GameGround) -> tuple[str, int]:
    (score,) = ground.scores.top()
    return score.how, score.played


def test_a_whole_game_by_fix_and_by_roll_back(ground, clock):  # noqa: F811
    player = Player()
    game = a_game(ground, player)
    first = game.campaign.story.sequence[0]
    player.script = ["look", "check", lambda: fix(ground.mission, first), "fixed", "LOOK", "roll  back"]

    assert game.play() == "finished"
    assert [row.ending.value for row in game.campaign.scoreboard().rows] == ["fixed", "rolled back"]
    assert "NOT YET" in player.text
    assert kept(ground) == ("finished", 2)
    (score,) = ground.scores.top()
    assert (score.player, score.seed, score.points) == ("Ada", 3, game.campaign.scoreboard().points)
    assert score.points > 0


def test_the_name_of_an_attack_is_shown_only_after_its_round(ground):
    player = Player()
    game = a_game(ground, player)
    name = game.campaign.story.sequence[0]
    seen = []
    player.script = ["look", "help", "score", "diff", lambda: seen.append(player.text), "back"]
    game.play()

    assert name not in seen[0]
    assert name in player.text


def test_the_countdown_is_in_the_prompt_and_ends_the_game(ground, clock):  # noqa: F811
    def a_minute() -> None:
        clock.at += 61

    player = Player(a_minute, "help", "look", lambda: setattr(clock, "at", clock.at + 9999), "back")

    assert a_game(ground, player).play() == "time is up"
    assert "15:00 left" in player.prompts[0]
    assert "13:59 left" in player.prompts[1]
    assert "Time is up." in player.text
    assert kept(ground) == ("time is up", 1)
    assert ground.mission.experiment.state().runs == ()


def test_the_clock_starts_after_the_first_look_at_the_gates(ground, gates, clock):  # noqa: F811
    def slow() -> None:
        clock.at += 400

    gates["settings-gate"].during = slow
    player = Player()
    a_game(ground, player).play()

    assert "15:00 left" in player.prompts[0]


@pytest.mark.parametrize("last", ["quit", "q", None])
def test_quitting_and_the_end_of_the_input_heal_and_keep_the_score(ground, last):
    before = ground.mission.workspace.digest()
    player = Player("look", *([last] if last else []))

    assert a_game(ground, player).play() == "quit"
    assert ground.mission.workspace.digest() == before
    assert ground.mission.experiment.state().runs == ()
    assert kept(ground) == ("quit", 1)


def test_ctrl_c_at_the_prompt_heals_and_keeps_the_score(ground):
    def press() -> None:
        raise KeyboardInterrupt

    before = ground.mission.workspace.digest()
    with pytest.raises(KeyboardInterrupt):
        a_game(ground, Player("look", press)).play()

    assert ground.mission.workspace.digest() == before
    assert kept(ground) == ("stopped", 1)


def test_ctrl_c_in_the_middle_of_a_gate_heals_and_keeps_the_score(ground, gates):  # noqa: F811
    player = Player()
    game = a_game(ground, player)

    def press() -> None:
        raise KeyboardInterrupt

    def from_now_on() -> None:
        gates["settings-gate"].during = press

    player.script = [from_now_on, "look"]
    with pytest.raises(KeyboardInterrupt):
        game.play()

    assert ground.mission.experiment.state().runs == ()
    assert kept(ground) == ("stopped", 1)


def test_what_a_player_left_behind_is_put_away_before_the_next_round(ground):
    readme = ground.mission.workspace.folder / "README.md"
    original = readme.read_text()

    player = Player("look", lambda: readme.write_text("scribble"), "back")
    texts = []
    player.script += [lambda: texts.append(readme.read_text()), "diff", "look", "back"]
    assert a_game(ground, player).play() == "finished"

    assert texts == [original]


def test_a_mistake_is_told_and_the_game_goes_on(ground):
    player = Player("healthy", "lok", "xyzzy", "check", "", "quit")
    a_game(ground, player).play()

    assert "Nobody has looked yet" in player.text
    assert "`lok` is no command. Did you mean `look`?" in player.text
    assert "`xyzzy` is no command. `help` lists them." in player.text
    assert "nothing to fix yet" in player.text


def test_calling_a_red_system_healthy_is_told(ground):
    player = Player("look", "healthy", "quit")
    a_game(ground, player, count=1, seed=1).play()

    assert "NOT HEALTHY" in player.text


def test_a_hint_and_the_help_are_shown(ground):
    player = Player("hint", "?", "quit")
    game = a_game(ground, player)
    first = game.campaign.story.sequence[0]
    game.play()

    assert ground.mission.attack(first).hints[0] in player.text
    for name in COMMANDS:
        assert f"\n{name} " in f"\n{player.text}"


def test_a_project_that_is_red_is_no_ground_and_enters_no_score(ground):
    (ground.mission.workspace.folder / "ci.env").write_text("")

    with pytest.raises(AttackRefused, match="red already"):
        a_game(ground, Player()).play()
    assert ground.scores.top() == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Look", "look"), (" roll   back ", "back"), ("c", "check"), ("?", "help"), ("", ""), ("dance", "")],
)
def test_words_have_short_and_long_forms(typed, meant):
    assert meaning_of(typed) == meant


def test_no_word_means_two_things():
    words = [word for name, (_, others) in COMMANDS.items() for word in (name, *others)]

    assert len(words) == len(set(words))
