"""The look of cards and panels: one style sheet that follows JupyterLab's light and dark themes.

Colours of text and surface come from JupyterLab's CSS variables, with fallbacks for pages without them. The accents are
our own, one set for light and one for dark, because JupyterLab's are too pale for text: each has a contrast of at least
4.5 to 1 on its surface (WCAG 2.2, criterion 1.4.3).
"""

from __future__ import annotations

_LIGHT = (
    "--oc-good:#0b6b3a;--oc-bad:#b3261e;--oc-note:#7a4d00;--oc-info:#0b57a4;--oc-villain:#6b3fa0;"
    "--oc-muted:#545d68;--oc-line:#d0d7de;--oc-shade:#f4f5f7;"
)
_DARK = (
    "--oc-good:#6fdc9b;--oc-bad:#ff9b92;--oc-note:#f5c563;--oc-info:#8ec5ff;--oc-villain:#cdb2ff;"
    "--oc-muted:#b3bcc6;--oc-line:#4a5058;--oc-shade:#2b2f34;"
)

STYLE = (
    "<style>"
    f".oc,.oc-attack{{{_LIGHT}}}"
    # JupyterLab and nbconvert mark the body; VS Code has its own class.
    f'body[data-jp-theme-light="false"] .oc,body[data-jp-theme-light="false"] .oc-attack,'
    f".vscode-dark .oc,.vscode-dark .oc-attack{{{_DARK}}}"
    """
.oc{--oc-bg:var(--jp-layout-color1,var(--vscode-editor-background,#fff));
 --oc-fg:var(--jp-content-font-color1,var(--vscode-editor-foreground,#1b1f24));--oc-accent:var(--oc-info);
 box-sizing:border-box;color:var(--oc-fg);font-family:var(--jp-content-font-family,system-ui,sans-serif);
 font-size:var(--jp-content-font-size1,14px);line-height:1.5;white-space:normal}
.oc *{box-sizing:border-box}
.oc-good{--oc-accent:var(--oc-good)}.oc-bad{--oc-accent:var(--oc-bad)}.oc-note{--oc-accent:var(--oc-note)}
.oc-info{--oc-accent:var(--oc-info)}.oc-villain{--oc-accent:var(--oc-villain)}.oc-quiet{--oc-accent:var(--oc-muted)}
.oc.oc-card{background:var(--oc-bg);background:color-mix(in srgb,var(--oc-accent) 6%,var(--oc-bg));
 border:1px solid var(--oc-line);border-left:4px solid var(--oc-accent);border-radius:8px;
 padding:10px 14px;margin:4px 0;max-width:920px}
.oc .oc-head{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px}
.oc .oc-mark{color:var(--oc-accent);font-weight:700;letter-spacing:.04em;white-space:nowrap}
.oc .oc-title{font-weight:600}
.oc .oc-badges{display:flex;flex-wrap:wrap;gap:6px;margin-left:auto}
.oc .oc-badge{border:1px solid var(--oc-line);border-radius:999px;padding:0 9px;font-size:.83em;
 color:var(--oc-muted);background:var(--oc-bg);white-space:nowrap}
.oc .oc-p{margin:6px 0 0;max-width:78ch}
.oc .oc-label{margin:9px 0 2px;font-size:.83em;font-weight:600;color:var(--oc-muted)}
.oc.oc pre.oc-pre.oc-pre,.oc .oc-log{margin:0;padding:8px 10px;max-height:26em;overflow:auto;background:var(--oc-shade);
 border:1px solid var(--oc-line);border-radius:6px;color:var(--oc-fg);
 font:var(--jp-code-font-size,13px)/1.45 var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);
 white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere}
.oc .oc-pre.oc-cmd{user-select:all}
.oc .oc-cmd:before{content:"$ ";color:var(--oc-muted);user-select:none}
.oc .oc-next{margin:9px 0 0;font-weight:500;max-width:78ch}
.oc .oc-next b{color:var(--oc-accent)}
.oc code{padding:0 4px;border-radius:4px;background:var(--oc-shade);color:inherit;
 font:.93em var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)}
.oc summary{cursor:pointer;font-weight:600;margin-top:6px}
.oc :focus-visible{outline:3px solid var(--oc-info);outline-offset:2px}
.oc.oc .oc-log{display:flex;flex-direction:column-reverse;max-height:12.5em;font-size:12px}
.oc .oc-bar{height:6px;border-radius:3px;background:var(--oc-line);overflow:hidden;margin:6px 0}
.oc .oc-fill{height:100%;border-radius:3px;background:var(--oc-accent)}
.oc .oc-busy .oc-fill{width:30%;animation:oc-slide 1.2s ease-in-out infinite alternate}
@keyframes oc-slide{from{margin-left:0}to{margin-left:70%}}
.oc .oc-speech{display:flex;gap:14px;align-items:flex-start}
.oc .oc-speech>svg{flex:none}
.oc .oc-words{font-size:1.05em}
.oc .oc-words .oc-p:first-of-type{margin-top:2px}
.oc .oc-oneline{margin-top:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;
 font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);font-weight:400}
.oc .oc-big{font-size:1.5em;font-weight:700;line-height:1.25}
.oc-attack{border:1px solid var(--oc-line);border-radius:10px;padding:12px 16px;margin:0 0 12px;max-width:940px;
 background:var(--jp-layout-color1,#fff);overflow:visible}
.oc-attack .widget-html,.oc-attack .widget-html-content,.oc-flow .widget-html-content{height:auto;line-height:1.5}
.oc-attack .oc.oc-card{margin:8px 0 0;max-width:none}
.oc-attack .widget-html,.oc-attack .widget-box,.oc-panel .widget-html{margin:0;overflow:visible}
.oc .oc-top{display:flex;gap:12px;align-items:flex-start}
.oc .oc-emoji{font-size:30px;line-height:1.1}
.oc .oc-name{font-size:1.14em;font-weight:700}
.oc .oc-quote{margin:2px 0 0;color:var(--oc-fg);font-style:italic;max-width:78ch}
.oc .oc-quote:before{content:"\\201C";color:var(--oc-villain)}.oc .oc-quote:after{content:"\\201D";color:var(--oc-villain)}
.oc .oc-state{display:inline-block;margin:8px 8px 0 0;border:1.5px solid var(--oc-accent);color:var(--oc-accent);border-radius:999px;
 padding:0 10px;font-weight:700;font-size:.88em;white-space:nowrap}
.oc-buttons{flex-wrap:wrap;gap:6px;margin:10px 0 0!important;overflow:visible}
.oc-buttons .jupyter-button.oc-btn{width:auto;height:32px;line-height:30px;margin:0;padding:0 14px;border-radius:6px;
 font-weight:600;border:1px solid var(--oc-line);background:var(--oc-shade);color:var(--jp-ui-font-color1,#1b1f24)}
.oc-buttons .jupyter-button.oc-btn:hover:enabled{border-color:currentColor;box-shadow:none}
.oc-buttons .jupyter-button.oc-btn.oc-main{background:var(--oc-villain);border-color:var(--oc-villain);
 color:var(--jp-layout-color1,#fff)}
.oc-buttons .jupyter-button.oc-btn:focus-visible{outline:3px solid var(--oc-info);outline-offset:2px}
.oc-buttons .jupyter-button.oc-btn:disabled{opacity:1;color:var(--oc-muted);background:transparent;
 border-style:dashed;cursor:not-allowed}
.oc .oc-party{margin-top:8px;font-weight:600;color:var(--oc-good)}
.oc.oc-hud{display:flex;flex-wrap:wrap;align-items:center;gap:2px 12px;padding:6px 12px;border:1px solid var(--oc-line);
 border-radius:8px;background:var(--oc-bg);font-size:12.5px;max-width:1100px}
.oc.oc-hud .oc-mark{letter-spacing:0;white-space:normal}
.oc .oc-hud-phase{font-weight:700;color:var(--oc-villain)}
.oc .oc-meter{display:inline-block;width:36px;height:7px;margin:0 0 1px 6px;border-radius:4px;vertical-align:middle;
 background:var(--oc-line);overflow:hidden}
.oc .oc-meter .oc-fill{background:var(--oc-accent)}
.oc.oc-file{max-width:920px;margin:4px 0 8px;border:1px solid var(--oc-line);border-radius:8px;overflow:hidden}
.oc.oc-file>.oc-head{padding:5px 12px;background:var(--oc-shade);border-bottom:1px solid var(--oc-line)}
.oc .oc-path{font:600 .93em var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)}
.oc.oc-file .highlight{margin:0;background:none}
.oc.oc.oc-file pre.oc-pre.oc-source.oc-source{white-space:pre;overflow-wrap:normal;background:var(--oc-bg);border:0;border-radius:0;
 padding:8px 12px;max-height:34em;line-height:1.5}
.oc .oc-source .oc-added,.oc .oc-source .oc-removed{display:inline-block;min-width:100%;margin:0 -12px;padding:0 12px}
.oc .oc-added{background:color-mix(in srgb,var(--oc-good) 16%,var(--oc-bg));color:var(--oc-fg)}
.oc .oc-removed{background:color-mix(in srgb,var(--oc-bad) 15%,var(--oc-bg));color:var(--oc-fg)}
.oc .oc-where{color:var(--oc-muted)}
.oc .oc-scroll{overflow-x:auto;margin-top:8px}
.oc table.oc-table{border-collapse:collapse;table-layout:auto;width:100%;font-size:.93em;font-variant-numeric:tabular-nums}
.oc .oc-table th,.oc .oc-table td{padding:4px 10px;text-align:left;border-bottom:1px solid var(--oc-line);background:none}
.oc .oc-table th{color:var(--oc-muted);font-weight:600}
.oc .oc-table .oc-number{text-align:right;white-space:nowrap}
.oc .oc-table tfoot td{font-weight:700;border-bottom:0}
.oc-sr{position:absolute!important;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (prefers-reduced-motion:reduce){.oc .oc-busy .oc-fill{animation:none;width:100%;opacity:.5}}
@media (forced-colors:active){.oc .oc-fill{background:CanvasText;forced-color-adjust:none}}
</style>"""
)
