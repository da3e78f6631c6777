"""Measured curves from the files of instruments, spreadsheets and colleagues."""

from tusk.postprocess.measured.axes import Columns
from tusk.postprocess.measured.cycles import CYCLE_COLUMNS, cycle_table
from tusk.postprocess.measured.reader import Measured, read_measured

__all__ = ["CYCLE_COLUMNS", "Columns", "Measured", "cycle_table", "read_measured"]
