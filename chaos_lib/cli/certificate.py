"""`opchaos certificate`: issue one, verify one, manage the keys that sign them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_lib.cli import card_view, certificate_keys, certificate_service
from chaos_lib.cli.certificate_options import PaperSize, Voucher
from chaos_lib.cli.lazy import epilog
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import begin
from chaos_lib.errors import InvalidInput

if TYPE_CHECKING:
    from chaos_lib.certificate.verifying import Verified
    from chaos_lib.ui.card import Card

app = typer.Typer(
    help="Issue your certificate, verify one, manage the keys.",
    epilog=epilog(
        'opchaos certificate issue --name "Ada Lovelace"',
        "opchaos certificate verify certificate.pdf",
        "opchaos certificate key show",
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)
app.add_typer(certificate_keys.app, name="key")
certificate_service.add_to(app)


@app.command(
    epilog=epilog(
        'opchaos certificate issue --name "Ada Lovelace"',
        'opchaos certificate issue --name "山田 太郎" --paper letter',
        'opchaos certificate issue --name "Ada" --attest instructor --instructor "Dr. Grace Hopper"',
    )
)
def issue(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help="The name that stands on it, in any script.")],
    paper: Annotated[PaperSize, typer.Option(help="Size of the page.")] = PaperSize.A4,
    attest: Annotated[
        Voucher, typer.Option(help="Who vouches; `instructor` needs an imported key.")
    ] = Voucher.SELF,
    instructor: Annotated[str, typer.Option(metavar="NAME", help="The instructor's name.")] = "",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the PDF here as well.")] = None,
    badge: Annotated[bool, typer.Option("--badge", help="Make an Open Badges 3.0 credential, too.")] = False,
) -> None:
    """Issue a certificate for what your mission log shows: points, finished phases, tiers."""
    from chaos_lib.certificate import Attestation, Office, Paper, load

    session = begin(ctx)
    if instructor and attest is Voucher.SELF:
        raise InvalidInput(
            "A self-attested certificate has no instructor.",
            fix="Add `--attest instructor`, or leave `--instructor` out.",
        )
    if out is not None and out.exists():
        raise InvalidInput(
            "There is a file already.", evidence=str(out), fix="Choose another name for `--out`."
        )
    issued = Office(session.settings).issue(
        name, attestation=Attestation(attest.value), attested_by=instructor, paper=Paper(paper.value)
    )
    if out is not None:
        out.write_bytes(issued.files.pdf.read_bytes())
    view = load("view")
    card_view.show(view.issued_card(issued), session.out)
    if badge:
        path = load("badge").write(session.settings, issued.certificate)
        say(session.out, f"Open Badges 3.0 credential: {path}")


@app.command(
    epilog=epilog(
        "opchaos certificate verify certificate.pdf",
        "opchaos certificate verify OC-7Q2ZK-40T3M-9XA1B-C5D6E",
        "opchaos certificate verify certificate.pdf --key instructor.pub",
    )
)
def verify(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|ID", help="A PDF or JSON file, the ID of one issued here, or the text of a QR code."
        ),
    ],
    key: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Public key of an instructor, from the instructor; may be repeated."
        ),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The mission log's events: do they show what the certificate says?"
        ),
    ] = None,
) -> None:
    """Verify a certificate, without any network. Exit code 1 when anything of it was changed."""
    from chaos_lib.certificate import Office, load

    session = begin(ctx)
    verified = Office(session.settings).verify(what, _keys(key or []))
    if evidence is not None:
        text = certificate_keys.read(evidence).decode("utf-8", "replace")
        load("verifying").require_evidence(verified.certificate, text)
    card_view.show(_verified_card(verified, has_evidence=evidence is not None), session.out)


@app.command("list", epilog=epilog("opchaos certificate list"))
def list_them(ctx: typer.Context) -> None:
    """List the certificates issued in this mission folder."""
    from chaos_lib.certificate import Office

    session = begin(ctx)
    store = Office(session.settings).store
    issued = store.all()
    if not issued:
        say(session.out, 'None yet. `opchaos certificate issue --name "…"` issues one.')
        return
    shown = table("ID", "Name", "Date", "Score", "Attestation")
    for each in issued:
        record = each.record
        shown.add_row(
            each.id, record.name, record.day, f"{record.score} of {record.possible}", record.attestation.words
        )
    session.out.print(shown)
    say(session.out, f"Their files: {store.folder}")


def _keys(paths: list[Path]) -> Mapping[bytes, str]:
    from chaos_lib.certificate import load

    keys = load("keys")
    return {keys.parse_public(certificate_keys.read(path)): f"the key in {path.name}" for path in paths}


def _verified_card(verified: Verified, *, has_evidence: bool) -> Card:
    from chaos_lib.ui.card import Card, Part, Tone

    certificate, record = verified.certificate, verified.certificate.record
    phases = ", ".join(f"{p.title} ({p.points} of {p.possible}, {p.tier.value})" for p in record.phases)
    parts = [
        Part(verified.meaning),
        Part(f"{record.workshop}, {record.day}", "Workshop"),
        Part(f"{record.score} of {record.possible} points", "Score"),
        Part(phases, "Phases"),
        Part(certificate.id, "Completion ID"),
        Part(f"{certificate.fingerprint} ({verified.signer or 'not known here'})", "Key"),
    ]
    if has_evidence:
        parts.append(
            Part("These events are the ones it was issued for, and they show this result.", "Evidence")
        )
    tone = Tone.GOOD if verified.is_signer_known else Tone.NOTE
    badges = (verified.source, record.attestation.words, record.tier.value, record.kind.value)
    return Card(tone, "✓", "VERIFIED", record.name, badges, tuple(parts))
