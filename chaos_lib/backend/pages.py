"""The pages of the service: plain HTML that works without scripts, with a keyboard, and with a screen reader."""

from __future__ import annotations

from html import escape

from chaos_lib.certificate import layout, svg
from chaos_lib.certificate.verifying import Verified
from chaos_lib.errors import ChaosError

_STYLE = """
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#f4f1f9;--line:#cfc6de;--accent:#582fa0;--good:#0b6b3a;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--fg:#f0edf5;--bg:#17141d;--soft:#241f2e;--line:#4d4460;--accent:#cdb2ff;
--good:#6fdc9b;--bad:#ff9b92}}
body{margin:0;background:var(--bg);color:var(--fg);font:1.05rem/1.55 system-ui,sans-serif}
main{max-width:58rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.25;margin:.4em 0}
a{color:var(--accent)} :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.good{color:var(--good)} .bad{color:var(--bad)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.2rem;background:var(--soft);padding:1rem 1.2rem;border-radius:10px}
dt{font-weight:600} dd{margin:0;overflow-wrap:anywhere}
@media (max-width:34rem){dl{grid-template-columns:1fr}dd{margin-bottom:.6rem}}
form{background:var(--soft);padding:1rem 1.2rem;border-radius:10px;margin:1rem 0}
label{display:block;font-weight:600;margin-bottom:.3rem}
input,button{font:inherit;padding:.5rem .7rem;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--fg);
max-width:100%}
input[type=text]{width:22rem} button{background:var(--accent);color:var(--bg);border-color:var(--accent);font-weight:600}
figure{margin:1.2rem 0;border:1px solid var(--line);border-radius:8px;overflow:hidden;background:#fff}
figure svg{display:block}
"""


def ask() -> str:
    """Return the page where a certificate is looked up or uploaded."""
    return _page(
        "Verify a certificate",
        """<h1>Verify a certificate of Operation Chaos</h1>
<form action="/verify" method="get"><label for="id">Completion ID</label>
<input type="text" id="id" name="id" required maxlength="40" autocomplete="off" spellcheck="false" aria-describedby="id-help">
<button type="submit">Look up</button><p id="id-help">It stands on the certificate and looks like OC-7Q2ZK-40T3M-9XA1B-C5D6E.</p></form>
<form action="/verify" method="post" enctype="multipart/form-data"><label for="file">The certificate itself (PDF or JSON)</label>
<input type="file" id="file" name="file" required accept=".pdf,.json,application/pdf,application/json">
<button type="submit">Verify the file</button><p>Every byte of the file is verified. It is not kept.</p></form>
<p>Without this service: <code>opchaos certificate verify FILE</code></p>""",
    )


def verified(told: Verified, *, is_stored: bool) -> str:
    """Return the page of a certificate that verifies.

    Args:
        told: What was found.
        is_stored: Whether it was issued here, so that its PDF can be fetched.
    """
    certificate, record = told.certificate, told.certificate.record
    phases = "; ".join(
        f"{p.title}: {p.points} of {p.possible} points ({p.tier.value})" for p in record.phases
    )
    by = f" by {record.attested_by}" if record.attested_by else ""
    facts = (
        ("Name", record.name),
        ("Workshop", record.workshop),
        ("Certificate of", record.kind.value),
        ("Date", record.day),
        ("Score", f"{record.score} of {record.possible} points"),
        ("Tier", record.tier.value),
        ("Phases", phases or "none finished"),
        ("Attestation", record.attestation.words + by),
        ("Completion ID", certificate.id),
        ("Key", certificate.fingerprint),
    )
    rows = "".join(f"<dt>{escape(label)}</dt><dd><bdi>{escape(value)}</bdi></dd>" for label, value in facts)
    link = f'<p><a href="/api/v1/certificates/{certificate.id}/pdf">Get the PDF</a></p>' if is_stored else ""
    # Genuine says who signed it; an unknown key shows only that nothing was changed.
    heading = "This certificate is genuine" if told.is_signer_known else "This certificate was not changed"
    page = svg.write(layout.lay_out(certificate), title=f"Certificate of {record.name}")
    return _page(
        f"{heading}: {record.name}",
        f'<h1><span class="good" aria-hidden="true">✓</span> {heading}</h1>'
        f'<p role="status">{escape(told.meaning)}</p><dl>{rows}</dl>{link}<figure>{page}</figure>'
        '<p><a href="/verify">Verify another one</a></p>',
    )


def not_verified(reason: ChaosError) -> str:
    """Return the page of what does not verify, or is not known."""
    return _page(
        "Not verified",
        f'<h1><span class="bad" aria-hidden="true">✗</span> Not verified</h1><p role="status">{escape(reason.what)}</p>'
        f"<p>{escape(reason.evidence)}</p><p>{escape(reason.fix)}</p>"
        '<p><a href="/verify">Try again</a></p>',
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Operation Chaos</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )
