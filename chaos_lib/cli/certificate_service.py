"""`opchaos certificate request` and `sync`: the participant's side of a certificate service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chaos_lib.cli import card_view
from chaos_lib.cli.certificate_options import PaperSize
from chaos_lib.cli.lazy import epilog
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin

if TYPE_CHECKING:
    from chaos_lib.certificate.client import Client

_Name = Annotated[str, typer.Option(help="Your name, in any script.")]
_Service = Annotated[
    str,
    typer.Option(
        metavar="URL", help="Address of the service, from your instructor.", envvar="OPCHAOS_SERVICE"
    ),
]
_ClassCode = Annotated[
    str,
    typer.Option(
        metavar="CODE", help="Code of the class, from your instructor.", envvar="OPCHAOS_CLASS_CODE"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the two commands to a group."""
    app.command(
        epilog=epilog('opchaos certificate request --service https://certs.example.org --name "Ada Lovelace"')
    )(request)
    app.command(epilog=epilog('opchaos certificate sync --service https://certs.example.org --name "Ada"'))(
        sync
    )


def request(
    ctx: typer.Context,
    name: _Name,
    service: _Service,
    class_code: _ClassCode = "",
    paper: Annotated[PaperSize, typer.Option(help="Size of the page.")] = PaperSize.A4,
) -> None:
    """Ask the certificate service of your class for a certificate, and keep it here.

    Your mission log is sent there, signed with your key; score and tier follow from it.
    """
    from chaos_lib.certificate import Office, Paper, load

    session = begin(ctx)
    with _client(service, class_code) as client:
        issued = Office(session.settings).request(name, client, paper=Paper(paper.value))
    card_view.show(load("view").issued_card(issued), session.out)


def sync(ctx: typer.Context, name: _Name, service: _Service, class_code: _ClassCode = "") -> None:
    """Send how far you are to the certificate service of your class."""
    from chaos_lib.certificate import Office

    session = begin(ctx)
    with _client(service, class_code) as client:
        points = Office(session.settings).sync(name, client)
    say(session.out, f"Sent. The service counts {points} points.")


def _client(service: str, class_code: str) -> Client:
    from chaos_lib.certificate import load

    made: Client = load("client").Client(service, class_code=class_code)
    return made
