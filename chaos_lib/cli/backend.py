"""`opchaos backend`: the certificate service for a class."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_lib.cli.lazy import epilog
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.errors import InvalidInput, PortTaken, ToolMissing

if TYPE_CHECKING:
    pass

app = typer.Typer(
    help="Run the certificate service for a class.",
    epilog=epilog(
        "opchaos backend serve",
        "OPCHAOS_BACKEND_CLASS_CODE=blue-whale opchaos backend serve --instructor-key instructor.pem",
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)


@app.callback()
def group() -> None:
    """Run the certificate service for a class."""


@app.command(epilog=epilog("opchaos backend serve", "opchaos backend serve --host 0.0.0.0 --port 8080"))
def serve(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8780,
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where key and database are [dim](OPCHAOS_BACKEND_FOLDER; default: backend/ in the mission folder)[/dim].",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="sqlite:///FILE or postgresql://… [dim](OPCHAOS_BACKEND_DATABASE)[/dim]."
        ),
    ] = None,
    instructor_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Import this private key first; see `opchaos certificate key`."),
    ] = None,
) -> None:
    """Serve until Ctrl-C. All other settings are variables OPCHAOS_BACKEND_…; the guide lists them."""
    session = begin(ctx)
    try:
        # A web server: only this command needs it.
        import uvicorn

        from chaos_lib.backend.app import create_app
        from chaos_lib.backend.database import open_database
        from chaos_lib.backend.service import Service
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.startswith("chaos_lib"):
            raise
        raise ToolMissing(
            "A package for the certificate service is not installed.",
            evidence=str(exc),
            fix="`pip install 'operation-chaos[backend]'`, or `make setup` in the repository.",
        ) from exc
    settings = _settings(folder, database, session.settings.home / "backend")
    if instructor_key is not None:
        _import(settings.folder, instructor_key)
    service = Service(settings, open_database(settings.database_url))
    listener = _listen(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    say(session.err, f"Signs with {service.signer.fingerprint}, {service.attestation.words}.")
    say(session.err, f"Certificates: {address}/verify, API: {address}/docs. Stop: Ctrl-C.")
    config = uvicorn.Config(create_app(settings, service), log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        PortTaken: Somebody else listens there.
        InvalidInput: This machine has no such address, or the port is not for you.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as exc:
        evidence = f"{host}:{port}: {exc.strerror or exc}"
        if exc.errno == errno.EADDRINUSE:
            raise PortTaken(
                "Something else listens on the port of the certificate service.",
                evidence=evidence,
                fix="Give another one with `--port`; 0 takes a free one.",
            ) from exc
        raise InvalidInput(
            "The certificate service cannot listen there.",
            evidence=evidence,
            fix="Give an address of this machine with `--host`, and a port above 1023 with `--port`.",
        ) from exc


def _settings(folder: Path | None, database: str | None, default_folder: Path):  # type: ignore[no-untyped-def]
    from pydantic import ValidationError

    from chaos_lib.backend.settings import BackendSettings

    try:
        settings = BackendSettings()
    except ValidationError as exc:
        first = exc.errors()[0]
        raise InvalidInput(
            f"A setting of the service cannot be right: OPCHAOS_BACKEND_{str(first['loc'][0]).upper()}.",
            evidence=first["msg"],
            fix="Correct the variable, or unset it.",
        ) from exc
    given: dict[str, Path | str] = {}
    if folder is not None or "folder" not in settings.model_fields_set:
        given["folder"] = folder or default_folder
    if database is not None:
        given["database"] = database
    return settings.model_copy(update=given)


def _import(folder: Path, file: Path) -> None:
    import os

    from chaos_lib.certificate.keys import KeyStore
    from chaos_lib.cli.certificate_keys import PASSWORD, read

    password = os.environ.get(PASSWORD)
    KeyStore(folder / "keys").import_instructor(read(file), password.encode() if password else None)
