from __future__ import annotations

from chaos_lib.defences.random_order import RANDOM_ORDER

FOLDER = "tests/integration/service"
CHAIN = "made = []\n" + "\n".join(
    f"def test_{n}():\n    assert made == list(range({n}))\n    made.append({n})" for n in range(6)
)


def test_tests_that_stand_alone_are_green(project, scripted):
    verdict = RANDOM_ORDER.run(project())

    assert (verdict.reason, verdict.evidence) == ("OK", "")
    assert f"{len(scripted.asked) - 1} shuffled orders" in verdict.summary


def test_the_orders_are_those_of_the_mission_s_seed(project, scripted, settings):
    RANDOM_ORDER.run(project())

    first, *shuffled = [" ".join(options) for options, _ in scripted.asked]
    assert first == "-p no:randomly"
    assert shuffled == [f"--randomly-seed={settings.seed + n}" for n in range(len(shuffled))]
    assert len(shuffled) >= 2


def test_tests_that_need_each_other_are_red_and_the_order_can_be_had_again(project):
    verdict = RANDOM_ORDER.run(project({f"{FOLDER}/test_a.py": CHAIN}))

    assert verdict.reason == "ORDER_DEPENDENT"
    assert "test_a.py" in verdict.evidence
    assert verdict.command == f"pytest --randomly-seed=20 {FOLDER}"
    assert "empty" in verdict.remedy


def test_tests_that_fail_in_any_order_are_not_blamed_on_the_order(project, scripted):
    scripted.script = lambda *_: "TESTS_FAILED"

    verdict = RANDOM_ORDER.run(project())

    assert (verdict.reason, len(scripted.asked)) == ("TESTS_FAILED", 1)
    assert verdict.command == f"pytest -p no:randomly {FOLDER}"
