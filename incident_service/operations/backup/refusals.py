"""What is raised when a backup cannot be made or put back. Whoever asked reads one sentence."""

from incident_service.foundation.words import Words, both


class Refused(Exception):
    """It cannot be done, and nothing was changed. `sentence` says why, to whoever asked."""

    def __init__(self, sentence: Words) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class Damaged(Refused):
    """The archive is not what was written: cut off, changed, or never a backup."""

    def __init__(self, reason: Words) -> None:
        super().__init__(both("备份文件不完整或已损坏：{reason}", "The backup is incomplete or damaged: {reason}",
                              reason=reason))
