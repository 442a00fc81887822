"""Every credentials id that is used is declared, and every one that is declared is used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from chaos_lib.errors import InvalidInput
from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.rules.credential_use import credential_uses
from chaos_lib.pipeline.rules.finding import Finding

RULE = "credential-inventory"


def inventory(parsed: ParsedPipeline, declared: Collection[str]) -> tuple[Finding, ...]:
    """Compare the credentials a pipeline uses with those that are declared.

    Args:
        parsed: The pipeline.
        declared: The ids, from `CredentialStore.ids()` or `declared_in` a file.
    """
    uses = credential_uses(parsed)
    found = []
    for use in uses:
        if use.id is None:
            found.append(
                Finding(
                    RULE,
                    "CREDENTIAL_COMPUTED",
                    use.line,
                    f"the id `{use.source}` is put together while the build runs",
                    "Write the id out, so that it can be checked before the build.",
                )
            )
        elif use.id not in declared:
            known = ", ".join(sorted(declared)) or "none"
            found.append(
                Finding(
                    RULE,
                    "CREDENTIAL_ABSENT",
                    use.line,
                    f"no entry with the id `{use.id}`; declared: {known}",
                    "Correct the id, or declare the credential in the controller's store.",
                )
            )
    used = {use.id for use in uses}
    for name in sorted(set(declared) - used):
        found.append(
            Finding(
                RULE,
                "CREDENTIAL_UNUSED",
                0,
                f"`{name}` is declared, and the pipeline does not use it",
                "Remove it from the store: a secret nobody needs can still be stolen.",
            )
        )
    return tuple(found)


def declared_in(path: Path) -> tuple[str, ...]:
    """Return the ids that a YAML file declares: configuration as code, or a plain list under `credentials`.

    Raises:
        InvalidInput: It cannot be read.
    """
    # Only those who have such a file need the parser.
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise InvalidInput(
            f"The list of credentials `{path.name}` cannot be read.",
            evidence=str(exc),
            fix="It must be YAML with a `credentials` section: Jenkins configuration as code, or a list with an `id` each.",
        ) from exc
    return tuple(sorted(set(_ids(content, is_inside=False))))


def _ids(node: object, *, is_inside: bool) -> Iterator[str]:
    if isinstance(node, dict):
        if is_inside and isinstance(node.get("id"), str):
            yield node["id"]
        for key, value in node.items():
            yield from _ids(value, is_inside=is_inside or key == "credentials")
    elif isinstance(node, list):
        for value in node:
            yield from _ids(value, is_inside=is_inside)
