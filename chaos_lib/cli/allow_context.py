"""`opchaos allow-context`."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.contexts import VALID_S, AllowedContext, Contexts
from chaos_lib.errors import InvalidInput

app, this_command = command(
    "opchaos allow-context minikube", "opchaos allow-context", "opchaos allow-context minikube --withdraw"
)


@this_command
def allow_context(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help="The context, as `kubectl config get-contexts` lists it; without one, lists what is allowed."
        ),
    ] = None,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The file it stands in [dim](KUBECONFIG; default: ~/.kube/config)[/dim]."
        ),
    ] = None,
    hours: Annotated[float, typer.Option(metavar="H", help="For how long, at most 24.")] = VALID_S / 3600,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Allow it no longer.")] = False,
) -> None:
    """Allow attacks on a Kubernetes cluster of your own, by name.

    It asks twice, holds for some hours, and covers only the namespaces that the workshop creates there. The lab's own
    cluster needs no such leave; the current context is never taken on its own.
    """
    session = begin(ctx, heals=False)
    contexts = Contexts(session.settings.state)
    if name is None:
        if withdraw:
            raise InvalidInput(
                "`--withdraw` needs a name.", fix="`opchaos allow-context` alone lists what is allowed."
            )
        allowed = contexts.allowed()
        for context in allowed:
            say(session.out, _described(context))
        if not allowed:
            say(session.out, "No context is allowed. Attacks touch the lab's own cluster only.")
        return
    if withdraw:
        was_allowed = contexts.withdraw(name)
        say(
            session.out, f"`{name}` is not allowed any more." if was_allowed else f"`{name}` was not allowed."
        )
        return
    given = contexts.allow(
        name, kubeconfig or _default_kubeconfig(), asks=typer.confirm, valid_s=hours * 3600
    )
    say(session.out, "Nothing was allowed." if given is None else _described(given))


def _described(context: AllowedContext) -> str:
    until = datetime.fromtimestamp(context.until).astimezone()
    return f"`{context.name}` ({context.server}, {context.kubeconfig}) is allowed until {until:%d %b %H:%M}."


def _default_kubeconfig() -> Path:
    first = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(first) if first else Path.home() / ".kube" / "config"
