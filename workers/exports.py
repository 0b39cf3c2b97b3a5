"""Jobs that make files somebody asked for."""

from uuid import UUID

from incident_service import cases, supervision
from workers import in_app


@in_app
def list_cases(export_id: str) -> None:
    """Write a list of cases into a file. Safe to repeat: what is ready stays, and each try has parts of its own."""
    cases.write_list(UUID(export_id))


@in_app
def write_figures(export_id: str) -> None:
    """Write figures and their cases into a workbook. Safe to repeat: what is ready stays."""
    supervision.write_figures(UUID(export_id))


@in_app
def gather_own_data(export_id: str) -> None:
    """Gather all that is kept about somebody. Safe to repeat: what is ready stays."""
    cases.write_own_data(UUID(export_id))
