"""The attack × defence matrix: every attack against every defence, measured by running them."""

from chaos_lib.matrix.grid import CLEAN, Cell, Matrix, Outcome, Source
from chaos_lib.matrix.markdown import page
from chaos_lib.matrix.picture import draw, write_png
from chaos_lib.matrix.report import to_json
from chaos_lib.matrix.run import CellProgress, run_matrix

__all__ = [
    "CLEAN",
    "Cell",
    "CellProgress",
    "Matrix",
    "Outcome",
    "Source",
    "draw",
    "page",
    "run_matrix",
    "to_json",
    "write_png",
]
