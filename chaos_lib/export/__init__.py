"""Attacks as Chaos Toolkit experiments: the file, and the functions that it calls."""

from chaos_lib.export.experiment_file import ExperimentFile, experiment_of, write

__all__ = ["ExperimentFile", "experiment_of", "write"]
