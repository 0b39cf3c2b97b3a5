"""create_app(): the one file that knows every room and hangs every blueprint."""

from flask import Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from incident_service.foundation import http, keys, logs, metrics, queues
from incident_service.foundation.database import open_database

ROOMS: tuple = ()


def create_app(name: str | None = None, **overrides: object) -> Flask:
    """The application for one environment (INCIDENT_ENV when `name` is not given).

    Opens no socket, thread or connection: the processes of an installation are forked from one application.
    """
    app = Flask("incident_service", static_folder=None, template_folder="web/templates")
    app.config.from_object(config.chosen(name))
    app.config.update(overrides)
    app.json = http.OrjsonProvider(app)
    keys.load_secret(app)
    open_database(app)
    queues.open_queues(app)
    http.answer_problems(app)
    return app
