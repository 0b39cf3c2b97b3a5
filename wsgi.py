"""The application for any WSGI server: `wsgi:app`."""

from incident_service.foundation.loading import loaded_for_good

with loaded_for_good():
    from incident_service.app import create_app
    from incident_service.foundation import logs
    from incident_service.operations.forwarded import Forwarded

    logs.open_logs()
    app = create_app()
    app.wsgi_app = Forwarded(app.wsgi_app, app.config["TRUSTED_PROXIES"])       # type: ignore[method-assign]
