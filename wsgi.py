"""The application for any WSGI server: `wsgi:app`."""

from incident_service.app import create_app

app = create_app()
