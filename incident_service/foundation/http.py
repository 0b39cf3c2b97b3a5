"""HTTP manners of the whole house: blueprints, schemas, how a body is read, how a problem is answered."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import Any, NoReturn, TypeVar

import marshmallow
import orjson
import structlog
from flask import Flask, Response, current_app, request
from flask.json.provider import JSONProvider
from flask.sessions import SessionInterface
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import RAISE, fields, missing
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from incident_service.foundation import headers, logs, problems
from incident_service.foundation.database import db, new_id
from incident_service.foundation.doorway import PROBLEM_TOLD, REQUEST_ID, route
from incident_service.foundation.dumping import Make, maker
from incident_service.foundation.problems import FieldError, Problem
from incident_service.foundation.refusals import PROBLEM, document
from incident_service.foundation.translation import translated
from incident_service.foundation.words import both, callers_language

View = TypeVar("View", bound=Callable[..., Any])
FIELD_ERRORS_MAX = 20
VERSION_TAG = re.compile(r"([0-9]{1,9})(?:-|$)")
log = structlog.get_logger(__name__)


class Schema(marshmallow.Schema):
    """What goes in or out. Unknown fields are refused; a NUL byte in any text is refused.

    One that takes a larger body than others names the setting that says how large: `bytes_max`.
    """

    class Meta:
        unknown = RAISE

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        """The same as marshmallow's, with fewer steps for each field that a mapping simply has, or has not."""
        if many or not isinstance(obj, dict):
            return super()._serialize(obj, many=many)
        made = {}
        for name, key, field, make in self._makers:
            if make is None:
                if (value := field.serialize(name, obj, accessor=self.get_attribute)) is not missing:
                    made[key] = value
            elif name in obj:
                value = obj[name]
                made[key] = None if value is None else make(value)
        return made

    def _init_fields(self) -> None:
        super()._init_fields()
        vars(self).pop("_makers", None)                 # of the schema it is a copy of, for other fields

    @cached_property
    def _makers(self) -> list[tuple[str, str, fields.Field[Any], Make | None]]:
        return [(name, field.data_key or name, field, maker(field)) for name, field in self.dump_fields.items()]


class Text(fields.String):
    """Words a person wrote. PostgreSQL cannot keep a NUL byte, so nobody may send one."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is not None and "\x00" in text:
            raise marshmallow.ValidationError("NUL bytes are not text.")
        return text


class Moment(fields.AwareDateTime):
    """A time with its zone, given back in UTC. One that has no place in UTC's years 1 to 9999 is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class Parser(FlaskParser):
    """Reads what was sent; what does not fit its schema becomes one Invalid that names every field."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "form_and_files": RAISE}  # noqa: RUF012

    def load_form_and_files(self, request: Any, schema: marshmallow.Schema) -> Any:
        """A multipart body: its fields and its files together."""
        if request.mimetype != "multipart/form-data":
            raise problems.UnsupportedType(both("请使用 multipart/form-data 提交", "Send multipart/form-data"))
        return MultiDictProxy(CombinedMultiDict([request.files, request.form]), schema)

    def load_json(self, request: Any, schema: marshmallow.Schema) -> Any:
        """A JSON body; absent, it is an empty object."""
        if not request.content_length:
            return {}
        if not request.is_json:
            raise problems.UnsupportedType(both("请使用 application/json 提交", "Send application/json"))
        request.max_content_length = current_app.config[getattr(schema, "bytes_max", "JSON_BYTES_MAX")]
        try:
            return orjson.loads(request.get_data())
        except orjson.JSONDecodeError as error:
            raise problems.BadRequest(both("JSON 无法解析", "The JSON cannot be parsed")) from error

    def handle_error(self, error: marshmallow.ValidationError, *_: Any, **__: Any) -> NoReturn:
        raise problems.Invalid(errors=list(islice(_field_errors(error.messages), FIELD_ERRORS_MAX))) from error


_parser = Parser()


@_parser.location_loader("form_and_files")
def _load_form_and_files(request: Any, schema: marshmallow.Schema) -> Any:
    return _parser.load_form_and_files(request, schema)


def _field_errors(messages: Any, pointer: str = "#") -> Iterator[FieldError]:
    """marshmallow's nested messages one by one; webargs' name of the location is left out."""
    if pointer == "#" and isinstance(messages, dict) and len(messages) == 1:
        location, inner = next(iter(messages.items()))
        if location in ("json", "query", "form_and_files", "form") and isinstance(inner, dict):
            messages = inner
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _field_errors(inner, pointer if name == "_schema" else f"{pointer}/{name}")
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield FieldError(pointer, translated(message))


class Blueprint(SmorestBlueprint):
    """A room's door: routes that parse with the house's parser and document the house's problems."""

    ARGUMENTS_PARSER = _parser
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {                                           # noqa: RUF012
        **SmorestBlueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING, "form_and_files": "multipart/form-data"}

    def add_url_rule(self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any,
                     **options: Any) -> None:
        """Hang a view, and document what it may refuse and which headers it knows."""
        document(view_func, rule)
        headers.describe(view_func)
        view_func.__dict__["_apidoc"]["manual_doc"].setdefault("operationId", f"{self.name}.{view_func.__name__}")
        super().add_url_rule(rule, endpoint, view_func, *args, **options)

    def arguments(self, schema: Any, *, location: str = "json", **options: Any) -> Any:
        """Parse what was sent. A body may be left out when nothing in it must be there, and the document says so."""
        shape = schema() if isinstance(schema, type) else schema
        options.setdefault("required", any(field.required for field in shape.fields.values()))
        return super().arguments(shape, location=location, **options)          # made once, not for each request

    def refuses(self, *kinds: type[Problem]) -> Callable[[View], View]:
        """Say which problems a view's verb raises, besides those that follow from the route itself."""
        def name(view: View) -> View:
            view.refuses = (*getattr(view, "refuses", ()), *kinds)                      # type: ignore[attr-defined]
            return view

        return name

    def tagged(self, view: View) -> View:
        """Say that a view's answer bears an ETag, and that whoever holds that state gets a 304. Stands lowest."""
        view.is_tagged = True                                                           # type: ignore[attr-defined]
        return view

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Hang a view for GET."""
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Hang a view for POST."""
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Hang a view for PUT."""
        return self.route(rule, methods=["PUT"], **options)

    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Hang a view for PATCH."""
        return self.route(rule, methods=["PATCH"], **options)

    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Hang a view for DELETE."""
        return self.route(rule, methods=["DELETE"], **options)


class Api(SmorestApi):
    """The API document; problems are answered by the house, not by the library's own handler.

    It is put together when it is first asked for: that takes longer than all the rest of making an application, and a
    command needs none.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None                  # every answer is named, so an unnamed one is a fault

    def init_app(self, app: Flask, *, spec_kwargs: dict[str, Any] | None = None) -> None:
        """Open the document, and say in it how a caller proves who they are."""
        super().init_app(app, spec_kwargs=spec_kwargs)
        app.cli.commands.pop("openapi")                 # it would print what has been put together so far
        self.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
        self._untold: list[SmorestBlueprint] = []
        self._telling = Lock()

    def register_blueprint(self, blp: SmorestBlueprint) -> None:
        """Hang a blueprint's routes."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp)
        self._untold.append(blp)

    def as_document(self) -> dict[str, Any]:
        """The document about every route that was hung."""
        with self._telling:
            while self._untold:
                blueprint = self._untold[0]
                blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
                del self._untold[0]                     # now that it was told of
            document: dict[str, Any] = self.spec.to_dict()
            return document

    def _register_error_handlers(self) -> None:
        """Nothing: `answer_problems` does it, and keeps `Allow` on a 405."""


class OrjsonProvider(JSONProvider):
    """JSON by orjson: faster, and times as RFC 3339."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, option=orjson.OPT_UTC_Z, default=str).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


class NoSessions(SessionInterface):
    """Nobody has a session: whoever speaks shows a token each time, and no cookie is read or set."""

    def open_session(self, app: Flask, request: Any) -> None:
        """None for anybody."""


def answer_problems(app: Flask) -> None:
    """One place that turns what was raised into problem+json."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _answer_http)
    for away in (OperationalError, PoolTimeout):
        app.register_error_handler(away, _answer_away)
    app.register_error_handler(Exception, _answer_fault)


def answer(problem: Problem) -> Response:
    """The problem as an answer, in the language of whoever is calling."""
    instance = logs.instance(request.environ.get(REQUEST_ID) or str(new_id()))
    request.environ[PROBLEM_TOLD] = {"problem": problem.slug, "instance": instance}
    body = problem.as_json(language=callers_language(), instance=instance)
    response = Response(orjson.dumps(body, default=str), problem.status, mimetype=PROBLEM)
    response.headers.extend(problem.headers)
    response.vary.add("Accept-Language")
    return response


_BY_STATUS: dict[int, type[Problem]] = {kind.status: kind for kind in (
    problems.BadRequest, problems.Unauthenticated, problems.Forbidden, problems.NotFound, problems.NotAllowed,
    problems.NotAcceptable, problems.Conflict, problems.PreconditionFailed, problems.TooLarge,
    problems.UnsupportedType, problems.Invalid, problems.TooMany, problems.Unavailable)}


def _answer_http(error: HTTPException) -> Any:
    """Flask's and Werkzeug's own refusals (404, 405, 413 …) in the same shape, their headers kept."""
    if isinstance(error, MethodNotAllowed) and not _leads_somewhere(error):
        error = NotFound()
    code = error.code or 500
    if code < 400:
        return error.get_response()
    kind = _BY_STATUS.get(code, problems.BadRequest if code < 500 else problems.Internal)
    response = answer(kind())
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _leads_somewhere(refusal: MethodNotAllowed) -> bool:
    """Whether another method finds something: Werkzeug looks at it before the bounds of a number in the path."""
    ways = current_app.create_url_adapter(request)
    return not refusal.valid_methods or ways is None or any(ways.test(method=each) for each in refusal.valid_methods)


def _answer_away(error: DBAPIError | PoolTimeout) -> Response:
    """The database is away or too busy. Nothing was half made: the transaction never ended."""
    log.warning("database-away", error=str(error.__cause__ or error))
    db.session.rollback()
    return answer(problems.Unavailable())


def _answer_fault(error: Exception) -> Response:
    log.exception("fault", route=route())
    return answer(problems.Internal())


def unchanged(tag: str) -> Response | None:
    """A 304 when the caller already holds the state called `tag`, else None."""
    if not request.if_none_match.contains_weak(tag):
        return None
    response = Response(status=304)
    response.set_etag(tag, weak=True)
    return response


def if_match() -> int | None:
    """The version named by `If-Match` (`W/"7-…"`), None when there is none. Raises PreconditionFailed for others."""
    tags = request.if_match
    if not request.headers.get("If-Match") or tags.star_tag:
        return None
    named = [VERSION_TAG.match(tag or "") for tag in tags.as_set(include_weak=True)]
    if len(named) == 1 and named[0]:
        return int(named[0].group(1))
    raise problems.PreconditionFailed()
