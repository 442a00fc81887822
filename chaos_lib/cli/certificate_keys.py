"""`opchaos certificate key`: the keys that sign certificates, and those that are believed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.cli.lazy import epilog
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import begin
from chaos_lib.errors import InvalidInput

PASSWORD = "OPCHAOS_KEY_PASSWORD"  # noqa: S105  # the name of a variable
_LARGEST_BYTES = 1024 * 1024

app = typer.Typer(
    help="The keys that sign certificates: make one, import one, show them.",
    epilog=epilog(
        "opchaos certificate key show",
        "opchaos certificate key make instructor.pem",
        "opchaos certificate key import instructor.pem",
        'opchaos certificate key import instructor.pub --label "Dr. Grace Hopper"',
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)


@app.command(epilog=epilog("opchaos certificate key make instructor.pem"))
def make(
    ctx: typer.Context, file: Annotated[Path, typer.Argument(help="The new file; it must not exist.")]
) -> None:
    """Make an instructor's key in a new file that only you can read. It is not imported."""
    from chaos_lib.certificate import load

    session = begin(ctx)
    keys = load("keys")
    content = keys.make_private_pem()
    keys.write_private(file, content)
    public = file.with_suffix(".pub")
    signer = keys.Signer.of(keys.parse_private(content))
    if not public.exists():
        public.write_bytes(keys.public_pem(signer.public))
    say(session.out, f"The private key: {file}. Keep it safe: who has it can attest in your name.")
    say(session.out, f"The public key:  {public}. Give it to everybody who shall verify.")
    say(session.out, f"Fingerprint:     {signer.fingerprint}")
    say(session.out, f"Use it here:     `opchaos certificate key import {file}`")


@app.command(
    "import",
    epilog=epilog(
        "opchaos certificate key import instructor.pem",
        'opchaos certificate key import instructor.pub --label "Dr. Grace Hopper"',
    ),
)
def import_key(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A PEM file with an Ed25519 key, private or public.")],
    label: Annotated[str, typer.Option(metavar="NAME", help="Whose public key it is.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Put another instructor key that is there aside.")
    ] = False,
) -> None:
    """Import an instructor's private key, to attest with it; or a public one, to believe what it signed.

    The password of an encrypted key is taken from the variable OPCHAOS_KEY_PASSWORD.
    """
    from chaos_lib.certificate import Office, load

    session = begin(ctx)
    keys, store = load("keys"), Office(session.settings).keys
    content = read(file)
    if b"PUBLIC KEY" in content:
        public = keys.parse_public(content)
        whose = label or file.stem
        store.trust(public, whose)
        say(session.out, f"Certificates of {whose} are believed from now on: {keys.fingerprint(public)}")
        return
    password = os.environ.get(PASSWORD)
    signer = store.import_instructor(content, password.encode() if password else None, replaces=replace)
    say(session.out, f"The instructor's key is {signer.fingerprint}.")
    say(session.out, "Attest with it: `opchaos certificate issue --name NAME --attest instructor`")


@app.command(epilog=epilog("opchaos certificate key show", "opchaos certificate key show --pem > mine.pub"))
def show(
    ctx: typer.Context,
    pem: Annotated[
        bool, typer.Option("--pem", help="Print the public key that signs: the instructor's, else yours.")
    ] = False,
) -> None:
    """Show the keys by their fingerprints; private keys are never shown."""
    from chaos_lib.certificate import Office, load

    session = begin(ctx)
    keys, store = load("keys"), Office(session.settings).keys
    if pem:
        signer = store.instructor() or store.participant()
        typer.echo(keys.public_pem(signer.public).decode("ascii"), nl=False)
        return
    participant = store.participant()
    rows = [(participant.fingerprint, "yours", "signs self-attested certificates")]
    instructor = store.instructor()
    if instructor is not None:
        rows.append((instructor.fingerprint, "instructor", "signs instructor-attested certificates"))
    rows += [(keys.fingerprint(public), whose, "believed") for public, whose in store.trusted().items()]
    shown = table("Fingerprint", "Whose", "What for")
    for row in rows:
        shown.add_row(*row)
    session.out.print(shown)
    say(session.out, f"They are in {store.folder}")


def read(file: Path) -> bytes:
    """Return a small file's content.

    Raises:
        InvalidInput: There is none, or it is too large.
    """
    if not file.is_file():
        raise InvalidInput("There is no such file.", evidence=str(file), fix="Correct the path.")
    if file.stat().st_size > _LARGEST_BYTES:
        raise InvalidInput(
            "This file is too large.",
            evidence=f"{file}: more than {_LARGEST_BYTES} bytes",
            fix="Choose another.",
        )
    return file.read_bytes()
