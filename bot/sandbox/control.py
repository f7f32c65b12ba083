"""The sandbox's own interface, for the chat page and for tests in another process. JSON in, JSON out.

| request | body or query | what it does |
| --- | --- | --- |
| GET /control/bot | ?language= | name, username, descriptions |
| GET /control/labels | ?language= | the page's texts |
| GET /control/people | | everybody |
| POST /control/people | first_name, language_code, id, username, role, started | a new person |
| POST /control/people/{id}/message | text, chat_id, reply_to | says something |
| POST /control/people/{id}/edit | message_id, text, chat_id | changes one of its own messages |
| POST /control/people/{id}/press | message_id, button (label or data), chat_id | presses a button |
| POST /control/people/{id}/{photo,voice,document,sticker} | content (base64), name, caption, chat_id | |
| POST /control/people/{id}/{contact,location} | chat_id | |
| POST /control/people/{id}/inline | query, offset | types `@bot query` |
| POST /control/people/{id}/choose | inline_query_id, result_id, chat_id | sends an offered result |
| POST /control/people/{id}/{block,unblock} | | blocks the bot, or not |
| POST /control/people/{id}/{join,leave} | chat_id | enters or leaves a group |
| GET /control/people/{id}/commands | | the command menu that this person sees |
| GET /control/chats | | every chat |
| POST /control/groups | title, members, supergroup | a group with the bot in it |
| POST /control/groups/{id}/{migrate,remove_bot} | person_id | becomes a supergroup; throws the bot out |
| GET /control/chats/{id}/messages | ?after= | messages with a larger id |
| GET /control/chats/{id}/events, GET /control/events | | live events (Server-Sent Events) |
| POST /control/updates | an Update | queues it as it is |
| GET, POST, DELETE /control/faults | latency, too_many_requests, server_error, drop, clock, methods, … | below |
| GET, DELETE /control/calls | ?last= | counts per method, and the last calls |
| GET /control/files/{file_id} | | the content of a file |

Faults: `latency` is seconds or [least, most]; `too_many_requests: {share, retry_after}`,
`server_error: {share, status}`, `drop: {share, after}`, each also with `times` (stop after so many) and
`methods`; `clock`: seconds by which its `Date` is ahead. getUpdates is hit only where it is named.
"""

import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

from aiohttp import web

from bot.i18n import guess_language
from bot.sandbox.deeds import DEEDS, described
from bot.sandbox.labels import labels
from bot.sandbox.profile import localized
from bot.sandbox.shapes import ApiError, Json
from bot.sandbox.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, application: web.Application) -> None:
        router = application.router
        router.add_get("/control/bot", self._bot)
        router.add_get("/control/labels", self._labels)
        router.add_get("/control/people", self._people)
        router.add_post("/control/people", self._add_person)
        router.add_get("/control/people/{id:-?\\d+}/commands", self._commands)
        router.add_post("/control/people/{id:-?\\d+}/{deed}", self._deed)
        router.add_get("/control/chats", self._chats)
        router.add_get("/control/chats/{id:-?\\d+}/messages", self._messages)
        router.add_get("/control/chats/{id:-?\\d+}/events", self._events)
        router.add_get("/control/events", self._events)
        router.add_post("/control/groups", self._add_group)
        router.add_post("/control/groups/{id:-?\\d+}/migrate", self._migrate)
        router.add_post("/control/groups/{id:-?\\d+}/remove_bot", self._remove_bot)
        router.add_post("/control/updates", self._update)
        router.add_get("/control/faults", self._faults)
        router.add_post("/control/faults", self._set_faults)
        router.add_delete("/control/faults", self._clear_faults)
        router.add_get("/control/calls", self._calls)
        router.add_delete("/control/calls", self._clear_calls)
        router.add_get("/control/files/{file_id}", self._file)

    async def _bot(self, request: web.Request) -> web.Response:
        language = request.query.get("language")
        profile = self._world.profile
        return web.json_response(
            {
                **self._world.bot,
                "first_name": profile.name(language),
                "description": localized(profile.descriptions, language),
                "short_description": localized(profile.short_descriptions, language),
            }
        )

    async def _labels(self, request: web.Request) -> web.Response:
        return web.json_response(labels(guess_language(request.query.get("language"))))

    async def _people(self, request: web.Request) -> web.Response:
        return web.json_response([described(person) for person in self._world.people.values()])

    async def _add_person(self, request: web.Request) -> web.Response:
        body = await request.json()
        person = self._world.add_person(
            body["first_name"],
            body.get("language_code"),
            person_id=body.get("id"),
            username=body.get("username"),
            role=body.get("role", "reader"),
            started=body.get("started", False),
        )
        return web.json_response(described(person), status=201)

    async def _commands(self, request: web.Request) -> web.Response:
        person = self._world.people[_id(request)]
        commands = self._world.profile.commands_for(person.chat.id, person.language_code)
        return web.json_response(commands)

    async def _deed(self, request: web.Request) -> web.Response:
        person = self._world.people[_id(request)]
        deed = DEEDS[request.match_info["deed"]]
        body = await request.json() if request.can_read_body else {}
        return web.json_response({"result": deed(person, body)})

    async def _chats(self, request: web.Request) -> web.Response:
        return web.json_response(
            [{**chat.json, "members": sorted(chat.members)} for chat in self._world.chats.values()]
        )

    async def _messages(self, request: web.Request) -> web.Response:
        chat = self._world.chats[_id(request)]
        after = int(request.query.get("after", "0"))
        return web.json_response([found for key, found in chat.messages.items() if key > after])

    async def _events(self, request: web.Request) -> web.StreamResponse:
        chat_id = _id(request) if "id" in request.match_info else None
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        async with aclosing(self._world.streams.listen(chat_id)) as events:
            with suppress(ConnectionResetError):
                async for event in events:
                    await response.write(f"data: {json.dumps(event)}\n\n".encode())
        return response

    async def _add_group(self, request: web.Request) -> web.Response:
        body = await request.json()
        members = [self._world.people[member] for member in body.get("members", [])]
        group = self._world.add_group(body["title"], *members, supergroup=body.get("supergroup", False))
        return web.json_response(group.json, status=201)

    async def _migrate(self, request: web.Request) -> web.Response:
        body = await request.json()
        person = self._world.people[body["person_id"]]
        return web.json_response(self._world.migrate(self._world.chats[_id(request)], person).json)

    async def _remove_bot(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._world.remove_bot(self._world.chats[_id(request)], self._world.people[body["person_id"]])
        return web.json_response({"result": True})

    async def _update(self, request: web.Request) -> web.Response:
        return web.json_response({"update_id": self._world.mailbox.put_raw(await request.json())})

    async def _faults(self, request: web.Request) -> web.Response:
        return web.json_response(self._world.faults.settings)

    async def _set_faults(self, request: web.Request) -> web.Response:
        self._world.faults.configure(await request.json())
        return web.json_response(self._world.faults.settings)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._world.faults.clear()
        return web.json_response({})

    async def _calls(self, request: web.Request) -> web.Response:
        last = int(request.query.get("last", "100"))
        calls: list[Json] = list(self._world.calls)[-last:] if last > 0 else []
        return web.json_response({"counts": self._world.call_counts, "last": calls})

    async def _clear_calls(self, request: web.Request) -> web.Response:
        self._world.calls.clear()
        self._world.call_counts.clear()
        return web.json_response({})

    async def _file(self, request: web.Request) -> web.Response:
        stored = self._world.files.get(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff"}
        if stored.picture_type is None:
            # A document of the bot's must not open in place, as a part of this site.
            headers["Content-Disposition"] = "attachment"
        content_type = stored.picture_type or "application/octet-stream"
        return web.Response(body=stored.content, content_type=content_type, headers=headers)


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns mistakes of a control call into 4xx, and refuses calls from other sites' pages."""
    if not request.path.startswith("/control/"):
        return await handler(request)
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        return web.json_response({"error": "a page of another site"}, status=403)
    try:
        return await handler(request)
    except LookupError as problem:
        return web.json_response({"error": f"not found: {problem}"}, status=404)
    except ApiError as problem:
        return web.json_response({"error": problem.description}, status=400)
    except (TypeError, ValueError) as problem:
        return web.json_response({"error": str(problem)}, status=400)


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
