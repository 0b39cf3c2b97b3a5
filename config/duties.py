"""The duty register: what the scheduler does again and again. Each may be done twice, or by two at once."""

DUTIES = {
    # entry point                                        every (s)
    "incident_service.foundation.outbox.sweep":            1.0,
    "incident_service.cases.tell_gaps":                  300.0,
    "incident_service.cases.wake_due":                     1.0,
    "incident_service.cases.link_histories":               1.0,     # after an upgrade; then there is nothing to do
    "incident_service.cases.seal_histories":             600.0,
    "incident_service.cases.apply_retention":             60.0,     # a part of the cases each time
    "incident_service.cases.make_own_data_that_waits":     5.0,     # behind a city's list
    "incident_service.foundation.idempotency.forget_old": 600.0,
    "incident_service.accounts.forget_old":                60.0,
    "incident_service.supervision.fold_soon":              10.0,
    "incident_service.supervision.owe_weekly_reports":    300.0,
    "incident_service.photos.sweep_incoming":             600.0,
    "incident_service.photos.sweep_orphans":               60.0,     # one part in 256 each time
    "incident_service.exports.sweep":                     600.0,
    "incident_service.points.end_stale_redemptions":       60.0,
    "incident_service.points.watch_funds":                 60.0,
    "incident_service.points.announce_expiry":            300.0,
    "incident_service.points.expire_old":                 300.0,
}
