"""The friendly face of the service: one small HTML page."""

from __future__ import annotations

from html import escape
from string import Template

from mission_control.models import Counters
from mission_control.settings import Settings

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Mission control · $colour $version</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: $background;
         color: #fff; font-family: system-ui, sans-serif; }
  main { text-align: center; padding: 2rem; }
  h1 { font-size: 2.75rem; margin: 0 0 .5rem; }
  p { font-size: 1.25rem; margin: 0; }
  dl { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: center; margin: 2rem 0 0; }
  dl div { background: #0003; border-radius: .75rem; padding: 1rem 1.5rem; min-width: 7rem; }
  dt { font-size: .9rem; }
  dd { font-size: 2rem; font-weight: 700; margin: 0; font-variant-numeric: tabular-nums; }
  .note { margin-top: 1.5rem; font-size: 1rem; }
  a { color: inherit; }
</style>
</head>
<body>
<main>
  <h1>Mission control</h1>
  <p>This is <strong>$colour</strong>, version <strong>$version</strong>.</p>
  <dl>
    <div><dt>missions launched</dt><dd>$launched</dd></div>
    <div><dt>page views</dt><dd>$page_views</dd></div>
  </dl>
  <p class="note">$note</p>
</main>
</body>
</html>
""")
_BACKGROUNDS = {"blue": "#1d4ed8", "green": "#15803d"}
_ALL_WELL = 'All systems go. Try <a href="docs">the API</a>.'
_NO_COUNTERS = "The counters are resting: Redis does not answer. Missions go on."


def render_status_page(settings: Settings, counters: Counters | None) -> str:
    """Make the page.

    Args:
        settings: Say which deployment this is.
        counters: The numbers to show; `None` when Redis is down.
    """
    return _PAGE.substitute(
        colour=escape(settings.colour),
        version=escape(settings.version),
        background=_BACKGROUNDS[settings.colour],
        launched="–" if counters is None else counters.launched,
        page_views="–" if counters is None else counters.page_views,
        note=_NO_COUNTERS if counters is None else _ALL_WELL,
    )
