"""Taking over past cases from files of other systems (历史案卷导入).

Always true here: a past case is known by its origin and its id there, so that a file may be imported again; a row is
either stored or named with its number; what the file called the case is kept beside what we call it.
"""

from incident_service.cases.importing.presets import Preset, load_presets, preset_of, presets, read_presets
from incident_service.cases.importing.rows import Remark, rows_of
from incident_service.cases.importing.storing import Outcome, take_over

__all__ = ["Outcome", "Preset", "Remark", "load_presets", "preset_of", "presets", "read_presets", "rows_of",
           "take_over"]
