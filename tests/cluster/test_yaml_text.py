"""Change one value, keep every other byte."""

from __future__ import annotations

import pytest
import yaml

from chaos_lib.cluster import yaml_text
from chaos_lib.errors import InvalidInput

TEXT = """\
# A comment.
spec:
  replicas: 2  # two

  containers:
  - name: web
    probe:
      # deep
      path: /a
      port: http
    env:
      - name: X
        value: "1"
  - name: other
images:
  - name: web
    newTag: 1.0.0
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("spec", "replicas"), "3", "  replicas: 3"),
        (("probe", "path"), "/b", "      path: /b"),
        (("images", "newTag"), "2", "    newTag: 2"),
        (("spec", "probe", "port"), "80", "      port: 80"),
    ],
)
def test_a_value_is_changed_and_nothing_else(path: tuple[str, ...], value: str, line: str) -> None:
    before, after = TEXT.splitlines(), yaml_text.put(TEXT, path, value).splitlines()

    assert [new for old, new in zip(before, after, strict=True) if old != new] == [line]


def test_a_key_that_is_missing_is_added_below_its_parent() -> None:
    text = yaml_text.put(TEXT, ("probe", "period"), "5")

    assert yaml.safe_load(text)["spec"]["containers"][0]["probe"] == {
        "path": "/a",
        "port": "http",
        "period": 5,
    }
    assert "# deep" in text


def test_a_block_goes_with_all_that_is_below_it() -> None:
    found = yaml.safe_load(yaml_text.without(TEXT, ("probe",)))

    assert found["spec"]["containers"][0] == {"name": "web", "env": [{"name": "X", "value": "1"}]}


def test_a_list_as_deep_as_its_key_belongs_to_it() -> None:
    found = yaml.safe_load(yaml_text.without(TEXT, ("containers",)))

    assert found["spec"] == {"replicas": 2}
    assert "images" in found


def test_a_block_gives_way_to_a_value() -> None:
    assert yaml.safe_load(yaml_text.put(TEXT, ("probe",), "none"))["spec"]["containers"][0]["probe"] == "none"


@pytest.mark.parametrize(
    "act", [lambda: yaml_text.without(TEXT, ("nobody",)), lambda: yaml_text.put(TEXT, ("a", "b"), "c")]
)
def test_what_is_not_there_is_told(act) -> None:
    with pytest.raises(InvalidInput, match="does not contain what the attack wants") as caught:
        act()
    assert "looked for" in caught.value.evidence
    assert "workspace restore" in caught.value.fix
