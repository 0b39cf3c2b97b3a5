"""create_app(): the one file that knows every room and hangs every blueprint."""

from flask import Flask

import config
from incident_service import areas, cases, catalogue, cli, photos, points, routing
from incident_service.accounts import people_views
from incident_service.accounts import views as accounts_views
from incident_service.accounts.granting import KNOWN_AREAS, KnownAreas
from incident_service.areas.commands import LOOK_AHEAD
from incident_service.cases import (
    bulk_views,
    move_views,
    paper_views,
    petition_views,
    picture_views,
    rehearsal_views,
)
from incident_service.cases import views as cases_views
from incident_service.cases.reporters import identity_views, suspension_views
from incident_service.cases.retention import views as retention_views
from incident_service.demo import people as demo_people
from incident_service.evidence import views as evidence_views
from incident_service.exports import views as exports_views
from incident_service.foundation import doorway, gate, http, keys, queues
from incident_service.foundation.database import open_database
from incident_service.foundation.transaction import end_readings_gently
from incident_service.notifications import views as notifications_views
from incident_service.points import shop_views, statement_views
from incident_service.points import views as points_views
from incident_service.routing import roster_views
from incident_service.routing import views as routing_views
from incident_service.supervision import live_views, out_views, rate_views
from incident_service.supervision import views as supervision_views
from incident_service.supervision.rate_table import load_rates
from incident_service.supervision.weekly import views as weekly_views
from incident_service.web import areas as areas_views
from incident_service.web import calendar, calendar_deadlines, categories, demo, documents, health, pages

BLUEPRINTS = (
    accounts_views.bp, people_views.bp, areas_views.bp, categories.bp, calendar.bp, cases_views.bp, move_views.bp,
    petition_views.bp, bulk_views.bp, paper_views.bp, picture_views.bp,
    suspension_views.bp, identity_views.bp, exports_views.bp, retention_views.bp, evidence_views.bp,
    notifications_views.bp, calendar_deadlines.bp, roster_views.bp,
    points_views.bp, shop_views.bp, statement_views.bp, routing_views.bp, rehearsal_views.bp, supervision_views.bp,
    supervision_views.own_bp, rate_views.bp, live_views.bp, out_views.bp, weekly_views.bp,
    health.bp, documents.bp, pages.bp,
)


def create_app(name: str | None = None, **overrides: object) -> Flask:
    """The application for one environment (INCIDENT_ENV when `name` is not given).

    Opens no socket, thread or connection: the processes of an installation are forked from one application.
    """
    app = Flask("incident_service", static_folder=None)
    app.config.from_object(config.chosen(name))
    app.config.update(overrides)
    app.json = http.OrjsonProvider(app)
    app.session_interface = http.NoSessions()
    app.request_class = photos.SpoolingRequest
    keys.load_secret(app)
    open_database(app)
    end_readings_gently(app)
    queues.open_queues(app)
    catalogue.load_catalogue(app)
    points.load_tariff(app)
    routing.load_rules(app)
    points.load_guard(app)
    cases.load_presets(app)
    cases.load_retention(app)
    load_rates(app)
    photos.open_gallery(app)
    app.extensions[KNOWN_AREAS] = KnownAreas(areas.exists, areas.are_imported)
    app.extensions[LOOK_AHEAD] = cases.tell_area_moves
    doorway.watch(app)
    gate.keep_gate(app, always_open_to={"health.healthz"})
    http.answer_problems(app)
    _hang_blueprints(app)
    cli.add_commands(app)
    return app


def _hang_blueprints(app: Flask) -> None:
    api = documents.open_documents(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(documents.swagger_ui)
    if app.config["SHOW_DEMO"]:
        api.register_blueprint(demo.bp)
        demo.introduce(app, demo.Cast(demo_people.PASSWORD, demo_people.logins()))
