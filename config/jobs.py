"""The job register: every job in the house, at a glance. Nothing else can be run by a worker."""

from typing import NamedTuple


class Job(NamedTuple):
    """Which queue a job waits in, how long one run may take, and when a failed run is tried again.

    The last wait repeats until the run succeeds, or a Problem says that it never will. A job that is one short
    transaction and nothing else is crossed out in that same transaction, which spares waiting for the disk twice; it
    may neither let its connection go nor read a snapshot.
    """

    queue: str
    seconds_max: int
    retry_after_s: tuple[int, ...]
    is_one_transaction: bool = False


ONE_TRANSACTION = True
JOBS = {
    # entry point                          queue      seconds_max  retry after (s)
    "workers.routing.dispatch_case":       Job("routing", 30, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.routing.look_at_case":        Job("push",    30, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.routing.note_seen":           Job("routing", 10, (1, 30, 300), ONE_TRANSACTION),
    "workers.routing.move_some_due":       Job("routing", 60, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.routing.hand_over_work":      Job("routing", 60, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.routing.hand_over_part":      Job("routing", 30, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.routing.pass_on_decisions":   Job("routing", 30, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.media.cut_sizes":             Job("media",   60, (5, 30, 300)),
    "workers.media.compare_pictures":      Job("media",   60, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.media.lay_side_by_side":      Job("media",   60, (2, 10, 60, 600, 3600)),
    "workers.media.drop_copies":           Job("media",   60, (2, 10, 60, 600, 3600)),
    "workers.supervision.fold":            Job("media",  120, (30, 300)),
    "workers.supervision.make_weekly_report": Job("media", 120, (30, 300, 3600)),
    "workers.notifications.deliver":       Job("push",    30, (10, 60, 600, 3600)),
    "workers.notifications.tell_person":   Job("push",    10, (1, 5, 30, 300, 3600), ONE_TRANSACTION),
    "workers.accounts.send_login_code":    Job("push",    30, (5, 15)),
    "workers.exports.list_cases":          Job("exports", 3600, (5, 60, 600)),
    "workers.exports.write_figures":       Job("exports", 3600, (5, 60, 600)),
    "workers.exports.gather_own_data":     Job("exports", 600, (5, 60, 600)),   # or a duty makes it meanwhile
}

QUEUES = ("routing", "push", "media", "exports")
