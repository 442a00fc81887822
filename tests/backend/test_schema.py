"""The service against its own OpenAPI, with made-up requests: no server error, nothing that is not described."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from chaos_lib.backend.app import create_app
from chaos_lib.backend.settings import BackendSettings
from chaos_lib.certificate import submission as submissions
from chaos_lib.certificate.evidence import Evidence
from chaos_lib.certificate.submission import Submission
from tests.certificate.conftest import signer

from .conftest import CODE, INSTRUCTOR, submission

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what it imports has deprecations of its own
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.config import SchemathesisConfig

JSON = {"content-type": "application/json"}
EXAMPLES = 40
OPERATIONS = (
    ("GET", "/health"),
    ("GET", "/api/v1/key"),
    ("POST", "/api/v1/certificates"),
    ("GET", "/api/v1/certificates/{certificate_id}"),
    ("GET", "/api/v1/certificates/{certificate_id}/pdf"),
    ("POST", "/api/v1/verifications"),
    ("PUT", "/api/v1/progress"),
    ("GET", "/api/v1/progress"),
    ("GET", "/verify"),
    ("GET", "/verify/{certificate_id}"),
)
# What takes no input, or any, cannot be asked wrongly.
TAKES_ANYTHING = {"/health", "/api/v1/key", "/api/v1/verifications", "/verify", "/verify/{certificate_id}"}
ASKED = [
    (method, path, mode)
    for method, path in OPERATIONS
    for mode in ("positive", "negative")
    if mode == "positive" or path not in TAKES_ANYTHING
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The service, read by schemathesis."""
    made = BackendSettings(
        folder=tmp_path_factory.mktemp("service"),
        class_code=SecretStr(CODE["x-class-code"]),
        instructor_code=SecretStr(INSTRUCTOR["x-instructor-code"]),
        write_limit="1000000/minute",
        read_limit="1000000/minute",
    )
    config = SchemathesisConfig.from_dict({"generation": {"allow-extra-parameters": False}})
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(made), config=config)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("method", "path", "mode"), ASKED)
def test_every_operation_keeps_what_its_description_promises(
    method: str, path: str, mode: str, api: Any
) -> None:
    operation = api[path][method]

    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        case.call_and_validate(headers={**CODE, **INSTRUCTOR})

    ask()


def test_the_description_names_every_operation_and_its_refusals(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    operations = {(method, path) for path, methods in described["paths"].items() for method in methods}

    assert operations == {(method.lower(), path) for method, path in OPERATIONS}
    issue = described["paths"]["/api/v1/certificates"]["post"]
    assert set(issue["responses"]) == {"200", "201", "400", "401", "403", "409", "413", "422", "429"}
    assert issue["security"] == [{"ClassCode": []}]
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["summary"]


def test_a_good_submission_is_as_described(client: TestClient) -> None:
    assert client.post("/api/v1/certificates", json=submission(), headers=CODE).status_code == 201


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
LINES = st.one_of(
    VALUES.map(json.dumps),
    st.tuples(
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(["phase-0-setup", "phase-9", ""]),
        st.sampled_from(["phase_finished", "check_passed", "tier", "else"]),
        st.sampled_from(["services", "phase-0.services", "x"]),
        st.dictionaries(st.sampled_from(["tier", "points"]), VALUES, max_size=2),
    ).map(json.dumps),
)


@given(
    name=st.text(max_size=130),
    lines=st.lists(LINES, max_size=6),
    purpose=st.sampled_from(["certificate", "progress"]),
)
@settings(
    max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
def test_what_is_signed_but_makes_no_sense_is_refused_and_never_a_server_error(
    name: str, lines: list[str], purpose: Any, api: Any
) -> None:
    evidence = Evidence("".join(f"{line}\n" for line in lines))
    key = signer(4)
    # As a forger would: signed, but past the checks of our own client.
    sent = Submission(name, evidence.text, "", "")
    message = submissions._message(purpose, name, evidence.text)
    sent = replace(
        sent, public_key=submissions._text(key.public), signature=submissions._text(key.sign(message))
    )
    method, path = (
        ("POST", "/api/v1/certificates") if purpose == "certificate" else ("PUT", "/api/v1/progress")
    )

    answer = TestClient(api.app).request(
        method, path, content=json.dumps(asdict(sent)), headers={**CODE, **JSON}
    )

    assert answer.status_code in (200, 201, 400, 409, 422), answer.text
    if answer.status_code >= 400:
        assert set(answer.json()) == {"what", "evidence", "fix"}
