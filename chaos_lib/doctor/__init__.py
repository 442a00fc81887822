"""The doctor: says what this machine has, what it lacks, and how to get it. It never changes anything."""

from __future__ import annotations

from chaos_lib.doctor.diagnose import diagnose
from chaos_lib.doctor.registry import CHECKS, Check
from chaos_lib.doctor.render import render
from chaos_lib.doctor.report import Finding, Need, Remedy, Report, Status

__all__ = ["CHECKS", "Check", "Finding", "Need", "Remedy", "Report", "Status", "diagnose", "render"]
