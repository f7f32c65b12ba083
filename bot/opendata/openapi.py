"""What our server answers, as OpenAPI 3.1."""

import json
from typing import Any

from bot.i18n import LANGUAGES
from bot.opendata.catalogue import TABLES
from bot.opendata.edition import LICENCE, Edition
from bot.opendata.exports import MEDIA_TYPES, Format
from bot.opendata.feeds import FEED_FORMATS, KINDS
from bot.opendata.feeds import MEDIA_TYPES as FEED_TYPES
from bot.opendata.library import File
from bot.opendata.schema import Document

LANGUAGE = {
    "name": "lang",
    "in": "query",
    "description": "The language; English without it. Pages go by Accept-Language.",
    "schema": {"type": "string", "enum": list(LANGUAGES)},
}
CONDITIONS = [
    {
        "name": name,
        "in": "header",
        "description": f"The {header} of an earlier answer.",
        "schema": {"type": "string"},
    }
    for name, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
]
HEADERS = {
    "ETag": {"description": "Of this very content.", "schema": {"type": "string"}},
    "Last-Modified": {"description": "When it last changed.", "schema": {"type": "string"}},
}
MISSING = {"$ref": "#/components/responses/Missing"}


def openapi_file(edition: Edition, root: str) -> File:
    content = json.dumps(openapi(edition, root), indent=1).encode()
    return File("openapi.json", "application/json", content, edition.number, edition.changed_at)


def openapi(edition: Edition, root: str) -> dict[str, Any]:
    described = Document.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    parts = described.pop("$defs")
    key = {
        "name": "key",
        "in": "path",
        "required": True,
        "description": "The key of an exchange.",
        "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$", "maxLength": 120},
        "examples": {exchange.key: {"value": exchange.key} for exchange in edition.record.exchanges[-3:]},
    }
    page = {"text/html": {"schema": {"type": "string"}}}
    paths = {
        "/": _get("A page that lists every exchange", page, [LANGUAGE]),
        "/exchanges/{key}": _get("A page on one exchange", page, [key, LANGUAGE]),
        "/exchanges.json": _get(
            "The whole record", {"application/json": {"schema": {"$ref": "#/components/schemas/Document"}}}
        ),
        "/exchanges.xlsx": _get("The whole record as a workbook", _file(MEDIA_TYPES[Format.XLSX]), [LANGUAGE]),
        **{
            f"/{table}.csv": _get(f"The table {table}; dictionary.csv describes its columns", _csv(), [LANGUAGE])
            for table in TABLES
        },
        "/dictionary.csv": _get("What each column of the tables means", _csv(), [LANGUAGE]),
        "/schema.json": _get(
            "The JSON Schema of the record", {"application/schema+json": {"schema": {"type": "object"}}}
        ),
        "/openapi.json": _get("This description", {"application/json": {"schema": {"type": "object"}}}),
        "/calendar.ics": _get("Days announced for exchanges", _file("text/calendar"), [LANGUAGE]),
        **{
            f"/feeds/{{language}}/{{kind}}.{format}": _get(
                "Released posts, corrections as updated entries",
                _file(FEED_TYPES[format].partition(";")[0]),
                [_one_of("language", LANGUAGES), _one_of("kind", KINDS)],
            )
            for format in FEED_FORMATS
        },
    }
    return {
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Obmin: exchanges of prisoners between Ukraine and Russia",
            "description": "Who said what, when, in what role, and where it was published. No names of prisoners.",
            "version": str(edition.number),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "externalDocs": {"description": "The licence", "url": f"{LICENCE}.html"},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "schemas": {**parts, "Document": described, "Problem": PROBLEM},
            "responses": {
                "Missing": {
                    "description": "There is no such thing; the body says what there is.",
                    "content": {
                        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
                        "text/html": {"schema": {"type": "string"}},
                    },
                }
            },
        },
    }


PROBLEM = {
    "type": "object",
    "description": "RFC 9457, and what there is instead.",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "languages": {"type": "array", "items": {"type": "string"}},
        "kinds": {"type": "array", "items": {"type": "string"}},
        "formats": {"type": "array", "items": {"type": "string"}},
        "addresses": {"type": "array", "items": {"type": "string"}},
    },
}


def _get(summary: str, content: dict[str, Any], parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    parameters = parameters or []
    missing = {"404": MISSING} if parameters else {}
    return {
        "get": {
            "summary": summary,
            "parameters": [*parameters, *CONDITIONS],
            "responses": {
                "200": {"description": "As it is now.", "headers": HEADERS, "content": content},
                "304": {"description": "Nothing has changed.", "headers": HEADERS},
                **missing,
            },
        }
    }


def _file(media_type: str) -> dict[str, Any]:
    return {media_type: {}}


def _csv() -> dict[str, Any]:
    return {"text/csv": {"schema": {"type": "string"}}}


def _one_of(name: str, values: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": list(values)}}
