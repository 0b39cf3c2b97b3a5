"""Who answers for this category, in this place, now, and why.

Always true here: the same facts give the same answer, and every answer says what it rests on.
"""

from incident_service.routing.choosing import Decision, Gap, Part, choose
from incident_service.routing.sentences import part_name, role_name, sentence, why_unroutable

__all__ = ["Decision", "Gap", "Part", "choose", "part_name", "role_name", "sentence", "why_unroutable"]
