"""Jobs that work on pictures."""

from uuid import UUID

from incident_service import cases, photos
from workers import in_app


@in_app
def cut_sizes(photo_id: str) -> None:
    """Make the copies of a sealed photo. Safe to repeat: a copy is replaced by the same copy."""
    photos.cut_sizes(UUID(photo_id))


@in_app
def compare_pictures(case_id: str) -> None:
    """Compare a case's photos with all earlier ones. Safe to repeat: what was compared is left alone."""
    cases.compare_pictures(UUID(case_id))


@in_app
def lay_side_by_side(case_id: str) -> None:
    """Make a case's picture of before and after. Safe to repeat: what is made is left."""
    cases.lay_side_by_side(UUID(case_id))


@in_app
def drop_copies(photo_id: str) -> None:
    """Delete the copies of a photo that was taken away. Safe to repeat: what is gone is gone."""
    photos.drop_copies(UUID(photo_id))
