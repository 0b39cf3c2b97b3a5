"""How roles are spelt in files that people write: by their code or as they are called."""

from incident_service.accounts.roles import Role

ROLES: dict[str, tuple[Role, str]] = {                  # the role, and the kind it is when the file names none
    **{str(role): (role, "") for role in Role if role is not Role.RESIDENT},
    "网格管理员": (Role.GRID_MANAGER, ""), "网格员": (Role.GRID_MANAGER, ""),
    "执法队员": (Role.OFFICER, ""), "交警": (Role.OFFICER, "traffic"), "交警队员": (Role.OFFICER, "traffic"),
    "消防": (Role.OFFICER, "fire"), "消防队员": (Role.OFFICER, "fire"), "城管": (Role.OFFICER, "urban"),
    "城管队员": (Role.OFFICER, "urban"), "值班席": (Role.DESK, ""), "值班员": (Role.DESK, ""),
    "督查": (Role.SUPERVISOR, ""), "督查员": (Role.SUPERVISOR, ""), "管理员": (Role.ADMIN, ""),
}


def role_called(word: str, kind: str = "") -> tuple[Role, str] | None:
    """The role and kind that a word in a file means; None when it means none."""
    found = ROLES.get(word.strip().casefold())
    return (found[0], kind or found[1]) if found else None
