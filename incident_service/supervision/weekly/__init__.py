"""The weekly report: a PDF with charts for each supervisor who asked for it.

Always true here: one report for a person and week, however often it is asked for; its numbers are those that the same
question gets at that moment; it is read only by whom it was made for, while they look over all it is about.
"""

from incident_service.supervision.weekly.sending import make_weekly_report, owe_weekly_reports

__all__ = ["make_weekly_report", "owe_weekly_reports"]
