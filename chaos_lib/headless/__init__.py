"""Play the workshop without a browser: `play(Plan.discover(settings), on_event=Display())`."""

from chaos_lib.headless.display import Display
from chaos_lib.headless.events import RunEvent
from chaos_lib.headless.plan import Plan, PlannedNotebook
from chaos_lib.headless.report import Outcome, RunReport
from chaos_lib.headless.runner import play

__all__ = ["Display", "Outcome", "Plan", "PlannedNotebook", "RunEvent", "RunReport", "play"]
