"""Speaks to a Jenkins controller; its answers become typed, its refusals become our errors, here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from pydantic import SecretStr, ValidationError

from chaos_lib.errors import ControllerRefused, ControllerUnclear, ControllerUnreachable, InvalidInput
from chaos_lib.pipeline.controller_answers import Answer, LogPiece

if TYPE_CHECKING:
    from collections.abc import Iterator

Model = TypeVar("Model", bound="Answer")
Result = TypeVar("Result")

_NO_CRUMB = "No valid crumb"
_EVIDENCE = 500


class Controller:
    """A Jenkins controller.

    Args:
        url: Its address: `https://jenkins.example.org/`, with its path if it has one.
        user: Who asks.
        token: The user's API token.
        timeout_s: Longest wait for an answer.
        ping_s: Longest wait where it is only asked whether it is there.
    """

    def __init__(
        self, url: str, user: str, token: SecretStr, *, timeout_s: float = 20.0, ping_s: float = 20.0
    ) -> None:
        self.url = url if url.endswith("/") else url + "/"
        self.user = user
        self.token = token
        self._timeout_s = timeout_s
        self._ping_s = min(ping_s, timeout_s)

    @cached_property
    def client(self) -> Any:
        """The client of python-jenkins, made at first use.

        Raises:
            InvalidInput: The address cannot be right.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(
                f"`{self.url.rstrip('/')}` is no address of a Jenkins controller.",
                evidence="no http:// or https:// with a name behind it",
                fix="Set OPCHAOS_JENKINS_URL to something like https://jenkins.example.org/.",
            )
        # Imported here: requests takes a tenth of a second.
        import jenkins

        return jenkins.Jenkins(
            self.url, self.user or None, self.token.get_secret_value() or None, timeout=self._timeout_s
        )

    def version(self) -> str:
        """Return Jenkins's version; empty when it does not say."""
        self.client.timeout = self._ping_s
        try:
            response = self._ask("api/json?tree=mode", "GET", None, None)
        finally:
            self.client.timeout = self._timeout_s
        found: str = response.headers.get("X-Jenkins", "")
        if not found:
            raise ControllerUnclear(
                f"What answers at {self.url} does not look like Jenkins.",
                evidence=response.text[:_EVIDENCE],
                fix="Check OPCHAOS_JENKINS_URL: is a proxy or a login page in between?",
            )
        return found

    def get(self, path: str, model: type[Model]) -> Model:
        """Return what the controller answers to `path`, below its address."""
        return self._parsed(self._ask(path, "GET", None, None).text, model, path)

    def get_all(self, path: str, model: type[Model]) -> tuple[Model, ...]:
        """Return a list of what the controller answers."""
        with self._understanding(path):
            items = json.loads(self._ask(path, "GET", None, None).text)
            return tuple(model.model_validate(item) for item in items)

    def find(self, path: str, model: type[Model]) -> Model | None:
        """Return the same, None when there is nothing at `path`."""
        try:
            return self.get(path, model)
        except NotThere:
            return None

    def post(self, path: str, data: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """Send something; returns the response."""
        return self._ask(path, "POST", data, headers)

    def text(self, path: str) -> str:
        """Return a text."""
        found: str = self._ask(path, "GET", None, None).text
        return found

    def log(self, build: str, start: int) -> LogPiece:
        """Return what a build's console has from `start` on."""
        response = self._ask(f"{build}logText/progressiveText?start={start}", "GET", None, None)
        with self._understanding(build):
            size = int(response.headers["X-Text-Size"])
        return LogPiece(response.text, size, response.headers.get("X-More-Data") == "true")

    def _ask(self, path: str, method: str, data: Any, headers: Mapping[str, str] | None) -> Any:
        import requests

        def ask() -> Any:
            request = requests.Request(
                method, urljoin(self.url, path), data=data, headers=dict(headers or {})
            )
            return self.client.jenkins_request(request, add_crumb=method == "POST")

        with self._translating(path):
            try:
                return ask()
            except Exception as exc:
                # A crumb belongs to a session, and ends with it: ask once more for a new one.
                if _NO_CRUMB not in str(exc):
                    raise
                self.client.crumb = None
                return ask()

    def _parsed(self, text: str, model: type[Model], path: str) -> Model:
        with self._understanding(path):
            return model.model_validate_json(text)

    @contextmanager
    def _understanding(self, path: str) -> Iterator[None]:
        try:
            yield
        except (ValidationError, ValueError, KeyError, TypeError) as exc:
            raise ControllerUnclear(
                f"The answer of the Jenkins controller to {_shown(path)} cannot be understood.",
                evidence=str(exc)[:_EVIDENCE],
                fix="Check that OPCHAOS_JENKINS_URL is the controller itself, and that its pipeline plugins are up "
                "to date.",
            ) from exc

    @contextmanager
    def _translating(self, path: str) -> Iterator[None]:
        """Turn what the client raises into our errors."""
        import requests

        import jenkins

        try:
            yield
        except jenkins.TimeoutException as exc:
            raise self._unreachable(f"did not answer within {self.client.timeout:.0f} s", exc) from exc
        except requests.ConnectionError as exc:
            raise self._unreachable("cannot be reached", exc) from exc
        except (jenkins.JenkinsException, requests.RequestException) as exc:
            status = _status(exc)
            if status == 404:
                raise NotThere(
                    f"The Jenkins controller has nothing at {_shown(path)}.",
                    evidence=f"{self.url}: 404",
                    fix="Check the job's name, and that the plugins of jenkins/plugins.txt are installed.",
                ) from exc
            if status in (401, 403):
                raise ControllerRefused(
                    f"The Jenkins controller refused {_shown(path)} with {status}.",
                    evidence=f"user `{self.user or 'anonymous'}`: {_body(exc)}",
                    fix="Check OPCHAOS_JENKINS_USER and OPCHAOS_JENKINS_TOKEN (an API token, not the password), and "
                    "what this user may do.",
                ) from exc
            if status in (502, 503, 504):
                raise self._unreachable("is not ready", exc) from exc
            raise ControllerUnclear(
                f"The Jenkins controller failed on {_shown(path)}.",
                evidence=f"{status or ''} {_body(exc)}".strip(),
                fix="Look into the controller's own log (Manage Jenkins, System Log).",
            ) from exc
        except ValueError as exc:  # a crumb that is no JSON
            raise ControllerUnclear(
                f"What answers at {self.url} does not look like Jenkins.",
                evidence=str(exc)[:_EVIDENCE],
                fix="Check OPCHAOS_JENKINS_URL: is a proxy or a login page in between?",
            ) from exc

    def _unreachable(self, how: str, exc: Exception) -> ControllerUnreachable:
        return ControllerUnreachable(
            f"The Jenkins controller at {self.url} {how}.",
            evidence=str(exc)[:_EVIDENCE],
            fix="Is it running? Check OPCHAOS_JENKINS_URL, or unset it to use the kit's own runner.",
        )


class NotThere(ControllerUnclear):
    """There is nothing at a path."""


def job_path(name: str) -> str:
    """Return the path of a job below the controller's address: `job/folder/job/name/`."""
    return "".join(f"job/{quote(part, safe='')}/" for part in name.split("/") if part)


def tolerant(action: Callable[[], Result], *, failures: list[Exception], limit: int) -> Result | None:
    """Do something that may fail for a moment; returns None then.

    Args:
        action: Asks the controller.
        failures: Those since the last success; filled here.
        limit: How many in a row are too many.

    Raises:
        LabError: One too many.
    """
    try:
        result = action()
    except (ControllerUnreachable, ControllerUnclear) as exc:
        failures.append(exc)
        if len(failures) >= limit:
            raise
        return None
    failures.clear()
    return result


def _status(exc: BaseException) -> int | None:
    """Return the HTTP status behind an error of the client, which keeps it in the error's context only."""
    if type(exc).__name__ == "NotFoundException":
        return 404
    seen: BaseException | None = exc
    while seen is not None:
        response = getattr(seen, "response", None)
        if response is not None:
            return int(response.status_code)
        seen = seen.__context__
    return None


def _body(exc: BaseException) -> str:
    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    return " ".join(lines)[:_EVIDENCE]


def _shown(path: str) -> str:
    return f"/{path.partition('?')[0]}"
