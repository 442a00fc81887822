from __future__ import annotations

import pytest

from chaos_lib.contexts import VALID_S, Contexts, server_of
from chaos_lib.errors import GuardRefused, InvalidInput, JournalDamaged
from chaos_lib.guard import Guard

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: production
contexts:
- name: production
  context: {cluster: big, user: boss}
- name: sandbox
  context: {cluster: small, user: me}
- name: broken
  context: {cluster: nowhere, user: me}
clusters:
- name: big
  cluster: {server: "https://production.invalid:6443"}
- name: small
  cluster: {server: "https://127.0.0.1:6443"}
users: []
"""


@pytest.fixture
def kubeconfig(tmp_path):
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    return path


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def contexts(tmp_path, clock):
    return Contexts(tmp_path / "state", now=clock)


@pytest.fixture
def refusals():
    return []


@pytest.fixture
def guard(tmp_path, contexts, refusals):
    return Guard(tmp_path / "workspace", "abc", on_refusal=refusals.append, contexts=contexts)


def yes(_):
    return True


def test_a_context_is_allowed_after_two_times_yes(contexts, kubeconfig):
    questions = []

    allowed = contexts.allow("sandbox", kubeconfig, asks=lambda q: bool(questions.append(q) or True))

    assert allowed in contexts.allowed()
    assert len(questions) == 2
    assert all("`sandbox`" in question for question in questions)
    assert "https://127.0.0.1:6443" in questions[0], "the cluster itself is shown, not only its name"
    assert "production" in questions[1]


@pytest.mark.parametrize("answers", [[False], [True, False]])
def test_one_no_is_enough(contexts, kubeconfig, answers):
    given = iter(answers)

    assert contexts.allow("sandbox", kubeconfig, asks=lambda _: next(given)) is None
    assert contexts.allowed() == ()
    assert list(given) == [], "after a no, nothing more is asked"


def test_what_was_allowed_expires(contexts, kubeconfig, clock):
    contexts.allow("sandbox", kubeconfig, asks=yes)

    clock.now += VALID_S - 1
    assert contexts.is_ours("sandbox", kubeconfig)
    clock.now += 1
    assert not contexts.is_ours("sandbox", kubeconfig)
    assert contexts.allowed() == ()


def test_allowing_again_replaces_the_end(contexts, kubeconfig, clock):
    contexts.allow("sandbox", kubeconfig, asks=yes)
    contexts.allow("sandbox", kubeconfig, asks=yes, valid_s=60)

    (allowed,) = contexts.allowed()
    assert allowed.until == clock.now + 60


def test_what_was_allowed_can_be_withdrawn(contexts, kubeconfig):
    contexts.allow("sandbox", kubeconfig, asks=yes)

    assert contexts.withdraw("sandbox")
    assert not contexts.withdraw("sandbox")
    assert not contexts.is_ours("sandbox", kubeconfig)


@pytest.mark.parametrize("valid_s", [0, -1, 25 * 3600])
def test_nothing_is_allowed_for_ever(contexts, kubeconfig, valid_s):
    with pytest.raises(InvalidInput) as caught:
        contexts.allow("sandbox", kubeconfig, asks=yes, valid_s=valid_s)
    assert "seconds" in caught.value.what
    assert "24 hours" in caught.value.fix


@pytest.mark.parametrize("name", ["sand", "", "broken"])
def test_an_unknown_context_is_told_and_nobody_is_asked(contexts, kubeconfig, name):
    with pytest.raises(InvalidInput) as caught:
        contexts.allow(name, kubeconfig, asks=lambda _: pytest.fail("asked"))
    assert f"`{name}`" in caught.value.what
    assert "sandbox" in caught.value.evidence
    assert "kubectl config get-contexts" in caught.value.fix


@pytest.mark.parametrize("content", ["", "[]", "contexts: 5", "a: [", "contexts: [{}]\nclusters: []", "\x00"])
def test_a_file_that_is_no_kubeconfig_is_told(tmp_path, content):
    path = tmp_path / "file"
    path.write_text(content)

    with pytest.raises(InvalidInput) as caught:
        server_of("sandbox", path)
    assert "cannot be read" in caught.value.what
    assert str(path) in caught.value.evidence
    assert "kubectl config view" in caught.value.fix


def test_a_missing_kubeconfig_is_told(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        server_of("sandbox", tmp_path / "none")


def test_the_lab_s_own_context_and_namespace_may_be_touched(contexts, guard, kubeconfig):
    contexts.record_lab_context("sandbox", kubeconfig)
    contexts.record_namespace("sandbox", kubeconfig, "opchaos-abc")

    guard.kube(kubeconfig, "sandbox", "opchaos-abc")


def test_a_context_that_the_lab_took_away_may_not_be_touched(contexts, guard, kubeconfig):
    contexts.record_lab_context("sandbox", kubeconfig)
    contexts.record_namespace("sandbox", kubeconfig, "opchaos-abc")
    contexts.forget_lab_context("sandbox", kubeconfig)

    assert contexts.namespaces("sandbox", kubeconfig) == ()
    with pytest.raises(GuardRefused):
        guard.kube(kubeconfig, "sandbox", "opchaos-abc")


def test_an_allowed_context_may_be_touched_in_our_namespaces_only(contexts, guard, kubeconfig, refusals):
    contexts.allow("sandbox", kubeconfig, asks=yes)
    contexts.record_namespace("sandbox", kubeconfig, "opchaos-abc")

    guard.kube(kubeconfig, "sandbox", "opchaos-abc")
    for namespace in ("default", "kube-system", "", "opchaos-abc2"):
        with pytest.raises(GuardRefused) as caught:
            guard.kube(kubeconfig, "sandbox", namespace)
        assert "was not created by this mission" in caught.value.what
        assert "opchaos-abc" in caught.value.evidence
        assert "left alone" in caught.value.fix
    assert len(refusals) == 4


def test_the_current_context_is_never_taken_by_default(guard, kubeconfig, refusals):
    for file, name in ((kubeconfig, None), (kubeconfig, ""), (None, "sandbox"), (None, None)):
        with pytest.raises(GuardRefused) as caught:
            guard.kube(file, name, "opchaos-abc")
        assert "no cluster was named" in caught.value.what
        assert caught.value.evidence
        assert "production" in caught.value.fix
    assert len(refusals) == 4


def test_a_context_that_nobody_allowed_is_refused_with_the_way_out(contexts, guard, kubeconfig, refusals):
    contexts.allow("sandbox", kubeconfig, asks=yes)
    contexts.record_namespace("production", kubeconfig, "default")

    with pytest.raises(GuardRefused) as caught:
        guard.kube(kubeconfig, "production", "default")

    assert "`production` is not the lab's" in caught.value.what
    assert str(kubeconfig) in caught.value.evidence
    assert "opchaos allow-context production" in caught.value.fix
    assert refusals == [caught.value]


def test_the_same_name_in_another_file_is_another_context(contexts, guard, kubeconfig, tmp_path):
    contexts.allow("sandbox", kubeconfig, asks=yes)
    contexts.record_namespace("sandbox", kubeconfig, "opchaos-abc")
    other = tmp_path / "other"
    other.write_text(KUBECONFIG)

    with pytest.raises(GuardRefused):
        guard.kube(other, "sandbox", "opchaos-abc")


def test_a_context_that_leads_elsewhere_by_now_is_refused(contexts, guard, kubeconfig):
    contexts.record_lab_context("sandbox", kubeconfig)
    contexts.record_namespace("sandbox", kubeconfig, "opchaos-abc")
    kubeconfig.write_text(KUBECONFIG.replace("cluster: small", "cluster: big"))

    with pytest.raises(GuardRefused):
        guard.kube(kubeconfig, "sandbox", "opchaos-abc")


def test_a_link_to_another_kubeconfig_is_followed_before_it_is_judged(contexts, guard, kubeconfig, tmp_path):
    contexts.record_lab_context("sandbox", kubeconfig)
    contexts.record_namespace("sandbox", kubeconfig, "opchaos-abc")
    mine = tmp_path / "mine"
    kubeconfig.rename(mine)
    kubeconfig.symlink_to(mine)

    with pytest.raises(GuardRefused):
        guard.kube(kubeconfig, "sandbox", "opchaos-abc")


@pytest.mark.parametrize("file", ["allowed-contexts.json", "lab-contexts.json"])
def test_a_damaged_record_allows_nothing(contexts, guard, kubeconfig, tmp_path, file, refusals):
    contexts.record_lab_context("sandbox", kubeconfig)
    contexts.record_namespace("sandbox", kubeconfig, "opchaos-abc")
    (tmp_path / "state" / file).write_text("{damaged")

    with pytest.raises(JournalDamaged) as damaged:
        contexts.is_ours("sandbox", kubeconfig)
    assert "none is allowed" in damaged.value.what
    assert file in damaged.value.evidence
    assert "opchaos allow-context" in damaged.value.fix
    with pytest.raises(GuardRefused, match="none is allowed"):
        guard.kube(kubeconfig, "sandbox", "opchaos-abc")
    assert len(refusals) == 1


def test_a_guard_without_contexts_refuses_every_cluster(tmp_path, kubeconfig):
    with pytest.raises(GuardRefused):
        Guard(tmp_path, "abc").kube(kubeconfig, "sandbox", "default")


def test_the_records_are_their_owner_s_alone(contexts, kubeconfig, tmp_path):
    contexts.allow("sandbox", kubeconfig, asks=yes)
    contexts.record_lab_context("sandbox", kubeconfig)

    for file in ("allowed-contexts.json", "lab-contexts.json"):
        assert (tmp_path / "state" / file).stat().st_mode & 0o777 == 0o600
