from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import chaos_lib.attacks
from chaos_lib import phases
from chaos_lib.attacks import catalogue
from chaos_lib.attacks.base import Attack, Symptom
from chaos_lib.attacks.codename_scrambled import ATTACK
from chaos_lib.errors import InvalidInput, UnknownAttack

ATTACKS = catalogue.load()
OWN = """
from dataclasses import replace
from chaos_lib.attacks.codename_scrambled import ATTACK as MODEL

ATTACK = replace(MODEL, name="my_own", phase="phase-9-own")
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
class TestEveryAttack:
    def test_belongs_to_a_phase_that_exists(self, attack: Attack) -> None:
        assert phases.phase(attack.phase).name == attack.phase

    def test_speaks_in_whole_sentences(self, attack: Attack) -> None:
        for text in (attack.story, attack.debrief, *attack.hints):
            assert text[0].isupper() or text[0] == "`", text
            assert text.rstrip().endswith((".", "!", "?", "`", "}", "0")), text
            assert "  " not in text

    def test_tells_a_story_in_the_agent_s_own_voice(self, attack: Attack) -> None:
        assert re.search(r"\b(I|[Mm]y|[Mm]e)\b|!|\?", attack.story)
        assert len(attack.story) < 200

    def test_teaches_more_in_its_debrief_than_in_its_story(self, attack: Attack) -> None:
        assert len(attack.debrief) > len(attack.story)
        assert len(attack.debrief.split()) >= 40

    def test_promises_a_symptom_that_can_be_checked(self, attack: Attack) -> None:
        re.compile(attack.symptom.pattern)
        assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", attack.symptom.reason)
        assert 0 < attack.symptom.deadline_s <= 300

    def test_has_no_undo_of_its_own(self, attack: Attack) -> None:
        source = (Path(chaos_lib.attacks.__file__).parent / f"{attack.name}.py").read_text(encoding="utf-8")
        assert "def undo" not in source
        assert "subprocess" not in source


def test_the_attacks_of_phase_1_are_there() -> None:
    names = {name for name, attack in ATTACKS.items() if attack.phase == "phase-1-tests"}

    assert names == {
        "env_var_missing",
        "service_absent",
        "test_races_database",
        "tests_share_rows",
        "port_taken",
        "clock_in_test",
        "cache_outage_hidden",
        "assertion_removed",
    }


def test_attacks_come_in_the_order_of_the_phases_core_ones_first() -> None:
    order = [(attack.phase, not attack.is_core, attack.name) for attack in ATTACKS.values()]

    assert order == sorted(order)


def test_names_titles_and_emojis_are_unique() -> None:
    for values in (
        [attack.title for attack in ATTACKS.values()],
        [attack.emoji for attack in ATTACKS.values()],
    ):
        assert len(values) == len(set(values))


def test_an_attack_is_found_by_its_name() -> None:
    assert catalogue.find("port_taken", ATTACKS).title == "My port now"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("port_takn", "`port_taken`"), ("env-var-missing", "`env_var_missing`"), ("clock", "`clock_in_test`")],
)
def test_a_mistyped_name_gets_a_suggestion(typed: str, meant: str) -> None:
    with pytest.raises(UnknownAttack, match=f"no attack `{typed}`") as caught:
        catalogue.find(typed, ATTACKS)

    assert "port_taken" in caught.value.evidence
    assert "Did you mean" in caught.value.fix
    assert meant in caught.value.fix


def test_a_name_like_no_other_gets_the_list() -> None:
    with pytest.raises(UnknownAttack) as caught:
        catalogue.find("qqqqqqqq", ATTACKS)

    assert caught.value.fix == "Choose one of the known names."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"story": ""}, "story"),
        ({"hints": ()}, "hints"),
        ({"debrief": ""}, "debrief"),
        ({"defence": ""}, "defence"),
        ({"symptom": None}, "symptom"),
        ({"inject": None}, "inject"),
        ({"tiers": ()}, "tiers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_attack_without_one_of_its_parts_is_refused_and_the_part_is_named(change: dict, said: str) -> None:
    with pytest.raises(InvalidInput, match="is not complete") as caught:
        replace(ATTACK, **change)

    assert caught.value.evidence == f"empty: {said}"
    assert "CONTRIBUTING" in caught.value.fix


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"name": "Pod-Crash"}, "`Pod-Crash` is no attack name"),
        ({"hints": ("Only one.",)}, "has 1 hints"),
        ({"hints": ("One.", "Two.", "Three.", "Four.", "Five.")}, "has 5 hints"),
        ({"symptom": Symptom("TESTS_FAILED", "x", deadline_s=-1.0)}, "in no time at all"),
        ({"minutes": -5}, "in no time at all"),
        ({"is_decoy": True}, "promises `TESTS_FAILED`"),
        ({"symptom": Symptom("OK", "x", deadline_s=1.0)}, "promises `OK`"),
    ],
)
def test_an_attack_that_makes_no_sense_is_refused(change: dict, what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as caught:
        replace(ATTACK, **change)

    assert caught.value.fix


def test_a_symptom_needs_both_its_reason_and_its_text() -> None:
    symptom = Symptom("FLAKY", r"\d of 4", deadline_s=1.0)

    assert symptom.is_shown_by("FLAKY", "2 of 4 runs")
    assert not symptom.is_shown_by("FLAKY", "some runs")
    assert not symptom.is_shown_by("TESTS_FAILED", "2 of 4 runs")


def test_a_learner_s_own_attacks_are_loaded_beside_ours(tmp_path: Path) -> None:
    write(tmp_path / "attacks", "my_own", OWN)
    write(tmp_path / "attacks", "_draft", "this is not even Python")

    attacks = catalogue.load(tmp_path / "attacks")

    assert set(attacks) == {*ATTACKS, "my_own"}
    assert list(attacks)[-1] == "my_own"


def test_no_folder_of_own_attacks_is_fine(tmp_path: Path) -> None:
    assert set(catalogue.load(tmp_path / "attacks")) == set(ATTACKS)


@pytest.mark.parametrize(
    ("text", "what", "evidence"),
    [
        ("x = 1", "defines no attack", "ATTACK is None"),
        ("ATTACK = 'boom'", "defines no attack", "'boom'"),
        ("import nowhere_at_all", "could not be loaded", "ModuleNotFoundError"),
        ("def inject(:", "could not be loaded", "SyntaxError"),
        (OWN.replace('name="my_own"', 'name="another"'), "calls itself `another`", ""),
        (
            OWN.replace('name="my_own"', 'name="my_own", debrief=""'),
            "`my_own` is not complete",
            "empty: debrief",
        ),
    ],
    ids=["nothing", "no attack", "import", "syntax", "name", "incomplete"],
)
def test_a_file_that_is_no_attack_does_not_load_and_says_why(
    tmp_path: Path, text: str, what: str, evidence: str
) -> None:
    path = write(tmp_path, "my_own", text)

    with pytest.raises(InvalidInput, match=what) as caught:
        catalogue.load_file(path)

    assert evidence in caught.value.evidence
    assert caught.value.fix
