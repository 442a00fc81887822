"""What the quiz needs beyond the cards' style: inputs whose labels may be long, in both themes."""

from __future__ import annotations

STYLE = """<style>
.oc-quiz .oc-answer{margin:4px 0 0;overflow:visible}
.oc.oc-choices{border:0;margin:0;padding:0;min-width:0;max-width:860px}
.oc.oc-choices legend{padding:0}
.oc.oc-choices label{display:flex;align-items:flex-start;gap:8px;padding:5px 8px;line-height:1.45;border-radius:6px;cursor:pointer}
.oc.oc-choices label:hover{background:var(--oc-shade)}
.oc.oc-choices input{flex:none;width:16px;height:16px;margin:2px 0 0;accent-color:var(--oc-info)}
.oc.oc-choices.oc-lines label{padding:1px 8px;white-space:pre-wrap;background:var(--oc-shade);border-radius:0;
 font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);font-size:var(--jp-code-font-size,13px)}
.oc.oc-choices.oc-lines label:hover,.oc.oc-choices.oc-lines label:has(input:checked){
 background:color-mix(in srgb,var(--oc-info) 16%,var(--oc-shade))}
.oc.oc-order label,.oc.oc-text label{align-items:center}
.oc.oc-order select,.oc.oc-text input[type="text"]{flex:1;width:auto;max-width:640px;min-width:0;height:auto;padding:5px 8px;margin:0;
 font:inherit;background:var(--oc-bg);color:var(--oc-fg);border:1px solid var(--oc-muted);border-radius:6px}
.oc.oc-order label:hover,.oc.oc-text label:hover{background:none}
.oc .oc-dots{display:flex;flex-wrap:wrap;gap:6px;margin:6px 0 12px;padding:0;list-style:none}
.oc .oc-dot{border:1px solid var(--oc-line);border-radius:999px;padding:0 9px;font-size:.88em;color:var(--oc-muted)}
.oc .oc-dot.oc-good,.oc .oc-dot.oc-note{color:var(--oc-accent);border-color:var(--oc-accent)}
.oc .oc-dot.oc-here{font-weight:700;box-shadow:inset 0 0 0 1px currentColor}
</style>"""
