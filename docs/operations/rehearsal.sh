#!/usr/bin/env bash
# What an operator must be able to do, rehearsed on the sandbox, in a folder of its own that is deleted afterwards:
# an upgrade while people ask, the death of the bot that sends, a backup in mid-broadcast, a restore, and going on.
#
#   docs/operations/rehearsal.sh                                   with SQLite
#   docs/operations/rehearsal.sh postgresql://... postgresql://... with PostgreSQL: two empty databases
#   OBMIN_BEFORE=/opt/obmin-1.0/.venv/bin/obmin docs/operations/rehearsal.sh     an upgrade from that version
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
obmin=${OBMIN:-$root/.venv/bin/obmin}
before=${OBMIN_BEFORE:-$obmin}
readers=300
folder=$(mktemp -d)
first=${1:-sqlite:///$folder/first.db}
second=${2:-sqlite:///$folder/second.db}
begun=()

end() {
    for process in "${begun[@]}"; do kill -9 "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT
trap 'echo "NOT WELL: line $LINENO failed: $BASH_COMMAND" >&2' ERR

step() { printf '\n== %s\n' "$1"; }
fail() { echo "NOT WELL: $1" >&2; tail -n 5 "$folder"/*.log >&2; exit 1; }
# Waits at most a minute for a command to succeed; the first argument says what for.
until_true() {
    local what=$1; shift
    for _ in $(seq 300); do if "$@" 2>/dev/null; then return; fi; sleep 0.2; done
    fail "$what did not happen within a minute"
}
stage() { "$(dirname "$obmin")/python" "$folder/stage.py" "$@"; }
# Starts a bot in the background, by its name and its program. Sets $started.
start() {
    local name=$1 program=$2 port
    port=$(stage port)
    : >"$folder/$name.log"
    LISTEN=127.0.0.1:$port WEBHOOK_URL=http://127.0.0.1:$port "$program" run >"$folder/$name.log" 2>&1 &
    started=$!
    begun+=("$started")
    until_true "the start of $name" grep -q listening "$folder/$name.log"
}
stop() { kill -TERM "$1"; wait "$1" || fail "a bot did not end in order"; }

cat >"$folder/stage.py" <<'PYTHON'
"""Stands in for the people: readers of the sandbox, what they were sent, and a post that staff release."""

import asyncio
import json
import os
import socket
import sys
import time
import urllib.request

from sqlalchemy import func, insert, select

from bot.bench import stage
from bot.opening import open_vault, ready_database
from bot.settings import read_settings
from models.delivery import CourierLease, Delivery, Outcome
from models.people import Reader

API = os.environ.get("BOT_API_URL", "")


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{API}/control/{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def texts(person):
    return [each.get("text", "") for each in control(f"chats/{person}/messages") if each["from"]["is_bot"]]


def readers():
    return [each["id"] for each in control("people") if each["first_name"].startswith("Reader")]


def got(word):
    """How many copies of the post with that word each reader has."""
    return [sum(word in text for text in texts(person)) for person in readers()]


async def follow(count):
    settings = read_settings()
    people = [control("people", {"first_name": f"Reader{n}", "started": True})["id"] for n in range(int(count))]
    async with ready_database(settings.database) as database:
        vault = await open_vault(settings, database)
        rows = [
            {"chat_index": vault.index(chat), "chat_sealed": vault.seal(chat), "language": "en", "follows": "all"}
            for chat in people
        ]
        async with database.write() as session:
            await session.execute(insert(Reader), rows)


async def release(word):
    async with ready_database(read_settings().database) as database:
        await stage.release(database, texts={"en": f"{word}: the exchange took place."})


async def courier():
    """The process that sends."""
    async with ready_database(read_settings().database) as database, database.read() as session:
        holder = await session.scalar(select(CourierLease.holder))
    if not holder:
        sys.exit(1)
    print(holder.split("-")[-2])


async def left():
    async with ready_database(read_settings().database) as database, database.read() as session:
        print(await session.scalar(select(func.count()).where(Delivery.outcome == Outcome.PENDING)))


def ask(seconds):
    """Asks again and again, and says how many questions had no answer in the end."""
    person = control("people", {"first_name": "Taras", "language_code": "en", "started": True})["id"]
    end, asked = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        control(f"people/{person}/message", {"text": f"when is the next exchange{'?' * asked}"})
        asked += 1
        time.sleep(0.5)
    for _ in range(100):
        answered = sum(text.startswith("The date of the next exchange") for text in texts(person))
        if answered >= asked:
            break
        time.sleep(0.2)
    print(f"{asked} questions, {asked - answered} without an answer")
    sys.exit(answered < asked)


def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        print(free.getsockname()[1])


def some(word, count):
    sys.exit(sum(map(bool, got(word))) < int(count))


def all_once(word):
    told = got(word)
    print(f"{sum(map(bool, told))} of {len(told)} readers were told, {sum(each > 1 for each in told)} of them twice")
    sys.exit(0 if min(told) == max(told) == 1 else 1)


def repeats(word, most):
    told = got(word)
    print(f"{sum(map(bool, told))} of {len(told)} readers were told, {sum(told) - len(told)} repeats")
    sys.exit(0 if min(told) >= 1 and sum(told) - len(told) <= int(most) else 1)


def calls():
    print(control("calls?last=0")["counts"].get("sendMessage", 0))


name, *arguments = sys.argv[1:]
done = globals()[name](*arguments)
if asyncio.iscoroutine(done):
    asyncio.run(done)
PYTHON

export NO_COLOR=1 LOG_LEVEL=INFO SEND_RATE=20 PYTHONPATH=
cd "$folder"

step "A sandbox stands in for Telegram"
LISTEN=127.0.0.1:0 "$obmin" sandbox >"$folder/sandbox.log" 2>&1 &
begun+=($!)
until_true "the start of the sandbox" grep -q "Start a bot" "$folder/sandbox.log"
BOT_API_URL=$(sed -n 's/.*BOT_API_URL=\([^ ]*\).*/\1/p' "$folder/sandbox.log")
BOT_TOKEN=$(sed -n 's/.*BOT_TOKEN=\([^ ]*\).*/\1/p' "$folder/sandbox.log")
VAULT_KEY=$("$obmin" vault new-key)
export BOT_API_URL BOT_TOKEN VAULT_KEY DATABASE_URL=$first

step "Upgrade: two bots of the earlier version, replaced one after the other while people ask"
start bot-2 "$before"; two=$started
start bot-1 "$before"; one=$started
stage ask 25 >"$folder/asked.txt" &
asking=$!
sleep 2
stop "$two"
start bot-2 "$obmin"; two=$started
stop "$one"
start bot-1 "$obmin"; one=$started
wait "$asking" || fail "questions had no answer: $(cat "$folder/asked.txt")"
cat "$folder/asked.txt"

step "Failover: the bot that sends is killed in mid-broadcast"
stage follow "$readers"
stage release First
until_true "the first copies" stage some First 60
courier=$(stage courier)
kill -9 "$courier"
echo "killed $courier"
began=$SECONDS
until_true "the rest of the broadcast" stage some First "$readers"
echo "all were told $((SECONDS - began)) s after the kill"
stage repeats First 60
if [ "$courier" = "$one" ]; then start bot-1 "$obmin"; one=$started; else start bot-2 "$obmin"; two=$started; fi
stage ask 2

step "Backup: in mid-broadcast"
stage release Second
until_true "the first copies" stage some Second 60
"$obmin" backup --to "$folder/backup.sealed" 2>/dev/null
until_true "the rest of the broadcast" stage some Second "$readers"
stage all_once Second

step "Disaster and restore: answers go on, nothing is sent"
kill -9 "$one" "$two"
wait "$one" "$two" 2>/dev/null || true
DATABASE_URL=$second "$obmin" restore "$folder/backup.sealed" 2>/dev/null
export DATABASE_URL=$second
sent=$(stage calls)
start bot-1 "$obmin"; one=$started
start bot-2 "$obmin"; two=$started
sleep 8
[ "$(stage calls)" = "$sent" ] || fail "something was sent before anybody decided so"
stage ask 2

step "Resume: what was unsent is dropped, what is new goes out, nobody gets anything twice"
if "$obmin" delivery resume 2>/dev/null; then fail "it went on without a decision"; fi
"$obmin" delivery resume --unsent drop
stage release Third
until_true "the broadcast" stage some Third "$readers"
stage all_once Third
stage all_once Second
"$obmin" audit verify
"$obmin" delivery status
stop "$one"
stop "$two"

printf '\nall went well\n'
