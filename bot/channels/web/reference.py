"""The page `/docs`: every operation of the API, written by the server from its own OpenAPI.

FastAPI's page loads its script from a third party; this one is HTML and one stylesheet.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from bot.channels.web.pages import templates
from bot.channels.web.typeset import texts

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_METHODS = ("get", "post", "put", "patch", "delete")
# The first prefix that fits gives an operation its part of the page; the titles are texts.
_PARTS = {
    "resident": ("/api/conversations",),
    "counsellor": ("/api/",),
    "running": ("/",),
}
_REF = "#/components/schemas/"

_TICKS = re.compile(r"`([^`]+)`")


def _ticks(text: str) -> Markup:
    """Shows what a docstring has between backticks as code."""
    return Markup(_TICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


templates.env.filters["ticks"] = _ticks
router = APIRouter(include_in_schema=False)


class Field(NamedTuple):
    """A parameter, or a field of a body."""

    name: str
    kind: str
    place: str
    required: bool
    default: str


class Operation(NamedTuple):
    """A method on a path."""

    anchor: str
    method: str
    path: str
    description: str
    parameters: list[Field]
    body: list[Field]
    body_description: str
    responses: list[tuple[str, str]]


@router.get("/docs")
def reference(request: Request) -> Response:
    """Shows the reference of the API."""
    described = request.app.openapi()
    return templates.TemplateResponse(
        request,
        "reference.html",
        {
            "parts": _parts(described),
            "r": texts()["reference"],
            "title": described["info"]["title"],
        },
        headers={"Content-Security-Policy": _CSP},
    )


def _parts(described: dict[str, Any]) -> dict[str, list[Operation]]:
    """Returns the operations, by part of the page."""
    schemas = described.get("components", {}).get("schemas", {})
    parts: dict[str, list[Operation]] = {name: [] for name in _PARTS}
    for path, methods in described["paths"].items():
        part = next(n for n, starts in _PARTS.items() if path.startswith(starts))
        parts[part] += [
            _operation(path, method, methods[method], schemas)
            for method in _METHODS
            if method in methods
        ]
    return parts


def _operation(path: str, method: str, told: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    parameters = [
        Field(
            parameter["name"],
            _kind(parameter.get("schema", {})),
            parameter["in"],
            parameter.get("required", False),
            _default(parameter.get("schema", {})),
        )
        for parameter in told.get("parameters", [])
    ]
    content: dict[str, Any] = told.get("requestBody", {}).get("content", {})
    body = _resolved(_first(content).get("schema", {}), schemas)
    required = body.get("required", [])
    fields = [
        Field(name, _kind(field), "body", name in required, _default(field))
        for name, field in body.get("properties", {}).items()
    ]
    return Operation(
        anchor=told.get("operationId", f"{method}{path}"),
        method=method.upper(),
        path=path,
        description=told.get("description") or told.get("summary", ""),
        parameters=parameters,
        body=fields,
        body_description=body.get("description", ""),
        responses=[(status, _meaning(status)) for status in sorted(told.get("responses", {}))],
    )


def _first(contents: dict[str, Any]) -> dict[str, Any]:
    """Returns the description of the first media type, if any."""
    return next(iter(contents.values())) if contents else {}


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Follows a reference, alone or among alternatives."""
    for option in (schema, *schema.get("anyOf", ())):
        if "$ref" in option:
            return dict(schemas[option["$ref"].removeprefix(_REF)])
    return schema


def _kind(schema: dict[str, Any]) -> str:
    """Returns a schema's type in one line, with its limits."""
    if "anyOf" in schema:
        return " | ".join(_kind(option) for option in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        kind = f"{_kind(schema.get('items', {}))}[]"
    limits = (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "≤"))
    return " ".join([kind, *(f"{sign} {schema[key]:g}" for key, sign in limits if key in schema)])


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    return "" if value in (None, "") else str(value)


def _meaning(status: str) -> str:
    return HTTPStatus(int(status)).phrase if status.isdigit() else ""
