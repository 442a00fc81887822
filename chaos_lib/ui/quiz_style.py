"""What the quiz needs beyond the cards' style: native inputs whose labels may be long, in both themes."""

from __future__ import annotations

STYLE = """<style>
.oc-quiz .oc-answer{margin:8px 0 0;overflow:visible}
.oc-quiz .widget-radio,.oc-quiz .widget-checkbox{width:auto;height:auto;max-width:860px;margin:0}
.oc-quiz .widget-radio-box{margin:0}
.oc-quiz .widget-radio-box label,.oc-quiz .widget-checkbox label,.oc-quiz .widget-checkbox .widget-label-basic{
 display:flex;align-items:flex-start;gap:8px;height:auto;width:auto;margin:0;padding:5px 8px;line-height:1.45;
 font-size:var(--jp-content-font-size1,14px);color:var(--jp-content-font-color1,#1b1f24);white-space:normal;overflow:visible;
 border-radius:6px;cursor:pointer}
.oc-quiz .widget-checkbox .widget-label-basic span{white-space:normal}
.oc-quiz .widget-radio-box label:hover,.oc-quiz .widget-checkbox .widget-label-basic:hover{background:var(--oc-shade)}
.oc-quiz .widget-radio-box input,.oc-quiz .widget-checkbox input{order:-1;flex:none;float:none;width:16px;height:16px;margin:2px 0 0}
.oc-quiz .oc-lines .widget-radio-box label{padding:1px 8px;white-space:pre-wrap;
 font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);font-size:var(--jp-code-font-size,13px)}
.oc-quiz .oc-lines .widget-radio-box{background:var(--oc-shade);border:1px solid var(--oc-line);border-radius:6px;padding:6px 2px}
.oc-quiz .oc-lines .widget-radio-box label:hover{background:color-mix(in srgb,var(--oc-info) 14%,var(--oc-shade))}
.oc-quiz .widget-dropdown,.oc-quiz .widget-text{width:auto;max-width:640px}
.oc-quiz .widget-dropdown select,.oc-quiz .widget-text input[type="text"]{font-size:var(--jp-content-font-size1,14px);
 background:var(--jp-layout-color1,#fff);color:var(--jp-content-font-color1,#1b1f24);border:1px solid var(--oc-muted);border-radius:6px}
.oc-quiz .widget-dropdown>label,.oc-quiz .widget-text>label{width:auto;min-width:3em;color:var(--jp-content-font-color1,#1b1f24)}
.oc-quiz input:focus-visible,.oc-quiz select:focus-visible{outline:3px solid var(--oc-info);outline-offset:2px}
.oc .oc-dots{display:flex;flex-wrap:wrap;gap:6px;margin:6px 0 12px;padding:0;list-style:none}
.oc .oc-dot{border:1px solid var(--oc-line);border-radius:999px;padding:0 9px;font-size:.88em;color:var(--oc-muted)}
.oc .oc-dot.oc-good,.oc .oc-dot.oc-note{color:var(--oc-accent);border-color:var(--oc-accent)}
.oc .oc-dot.oc-here{font-weight:700;box-shadow:inset 0 0 0 1px currentColor}
</style>"""
