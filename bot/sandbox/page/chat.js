// The chat page: several people talk to one bot, over the control interface and its event stream.

import { bubble, button, element, keyboard, preview } from "./bubbles.js";

const $ = (id) => document.getElementById(id);
const people = new Map();
let labels = {};
let bot = {};
let current = null;
let editing = null;
let toastTimer = 0;
let typingTimer = 0;

async function call(path, body, method = body === undefined ? "GET" : "POST") {
  let response;
  try {
    response = await fetch(`/control/${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    toast(labels.offline);
    return null;
  }
  const answer = await response.json();
  if (!response.ok) {
    toast(`${labels.failed} ${answer.error ?? ""}`);
    return null;
  }
  return answer;
}

const act = (deed, body = {}) => call(`people/${current.id}/${deed}`, body);

const actions = {
  get labels() { return labels; },
  say: (text) => act("message", { text }),
  press: (message, data) => act("press", { message_id: message.message_id, button: data }),
  copy: async (text) => { await navigator.clipboard.writeText(text); toast(labels.copied); },
  edit: (message) => startEditing(message),
};

function toast(text) {
  if (!text) return;
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}

function drawPeople() {
  $("people").replaceChildren(...[...people.values()].map((person, index) => {
    const last = [...person.messages.values()].at(-1);
    const made = button("person", "", () => choose(person));
    made.append(
      element("span", `avatar tint-${index % 4}`, person.first_name[0]),
      element("span", "", element("span", "name", person.first_name,
        element("span", "role", labels[`role_${person.role}`])),
      element("span", "last", last ? preview(last, labels) : labels.no_messages)),
    );
    if (person.unread) {
      const badge = element("span", "badge", String(person.unread));
      badge.setAttribute("aria-label", `${labels.unread}: ${person.unread}`);
      badge.dataset.testid = "unread";
      made.append(badge);
    }
    if (person === current) made.setAttribute("aria-current", "true");
    made.dataset.testid = `person-${person.first_name}`;
    return made;
  }));
}

const isOwn = (message) => message.from.id === current.id;

function lastOwn() {
  return [...current.messages.values()].findLast((message) => isOwn(message) && message.text);
}

function drawLog() {
  const editable = lastOwn();
  // Busy, so that a screen reader does not read the whole transcript aloud.
  $("log").setAttribute("aria-busy", "true");
  $("log").replaceChildren(...[...current.messages.values()].map(
    (message) => bubble(message, isOwn(message), message === editable, actions)));
  setTimeout(() => $("log").removeAttribute("aria-busy"), 100);
  drawFoot();
}

function drawMessage(message) {
  const made = bubble(message, isOwn(message), message === lastOwn(), actions);
  const old = $("log").querySelector(`[data-message-id="${message.message_id}"]`);
  if (old) old.replaceWith(made);
  else $("log").append(made);
}

function drawFoot() {
  const messages = [...current.messages.values()];
  const silent = messages.length === 0;
  $("welcome").hidden = !silent || !bot.description;
  $("description").textContent = bot.description;
  $("composer").hidden = silent || current.blocked;
  $("instead").hidden = !silent && !current.blocked;
  $("instead-hint").textContent = current.blocked ? labels.blocked : "";
  $("instead-button").textContent = current.blocked ? labels.unblock : labels.start;
  const blocking = current.blocked ? labels.unblock : labels.block;
  $("block").setAttribute("aria-label", blocking);
  $("block").title = blocking;
  const markup = messages.findLast((message) => message.reply_markup?.keyboard || message.reply_markup?.remove_keyboard);
  const rows = markup?.reply_markup.keyboard;
  $("reply-keyboard").hidden = !rows || current.blocked;
  const keys = keyboard(rows ?? [], (key) => button("key", key.text, () => actions.say(key.text)));
  $("reply-keyboard").replaceChildren(keys);
  showNewest();
}

// The end of the log, but the beginning of an answer that is longer than the screen.
function showNewest() {
  const newest = $("log").lastElementChild;
  $("scroll").scrollTop = 0;
  if (newest?.offsetHeight > $("scroll").clientHeight) newest.scrollIntoView({ block: "start" });
}

async function choose(person) {
  current = person;
  person.unread = 0;
  stopEditing();
  closeMenu();
  bot = await call(`bot?language=${person.language_code ?? ""}`) ?? bot;
  $("bot-name").textContent = bot.first_name;
  $("bot-avatar").textContent = bot.first_name[0];
  showStatus("");
  drawPeople();
  drawLog();
}

function showStatus(text) {
  clearTimeout(typingTimer);
  $("status").textContent = text || `@${bot.username ?? ""} · ${labels.bot}`;
}

function startEditing(message) {
  editing = message;
  $("text").value = message.text;
  $("editing").hidden = false;
  $("text").focus();
}

function stopEditing() {
  if (editing) $("text").value = "";
  editing = null;
  $("editing").hidden = true;
}

function closeMenu() {
  $("menu").hidden = true;
  $("commands").setAttribute("aria-expanded", "false");
}

async function toggleMenu() {
  if (!$("menu").hidden) return closeMenu();
  const commands = await call(`people/${current.id}/commands`) ?? [];
  $("menu").replaceChildren(...commands.map(({ command, description }) => {
    const choice = button("", "", () => { closeMenu(); actions.say(`/${command}`); });
    choice.append(element("strong", "", `/${command}`), element("span", "", description));
    return element("li", "", choice);
  }));
  if (!commands.length) $("menu").append(element("li", "hint", labels.no_commands));
  $("menu").hidden = false;
  $("commands").setAttribute("aria-expanded", "true");
  return $("menu").querySelector("button")?.focus();
}

async function submit() {
  const text = $("text").value.trim();
  if (!text) return;
  const done = editing
    ? await act("edit", { message_id: editing.message_id, text })
    : await act("message", { text });
  if (!done) return;
  stopEditing();
  $("text").value = "";
}

async function sendPhoto(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  await act("photo", { content: btoa(binary), name: file.name, caption: $("text").value.trim() });
  $("text").value = "";
}

async function applyFaults(choice) {
  if (choice === "clear") {
    $("faults-form").reset();
    await call("faults", undefined, "DELETE");
  } else if (choice === "apply") {
    const given = Object.fromEntries(new FormData($("faults-form")));
    const share = (name) => Number(given[name]) / 100;
    await call("faults", {
      latency: Number(given.latency),
      too_many_requests: { share: share("too_many_requests"), retry_after: 3 },
      server_error: { share: share("server_error"), status: 502 },
      drop: { share: share("drop"), after: true },
    });
  }
}

function heard({ chat_id: chatId, kind, content }) {
  const person = people.get(chatId);
  if (!person) return;
  const here = person === current;
  if (kind === "message" || kind === "edit") {
    const editable = here && lastOwn();
    person.messages.set(content.message_id, content);
    if (here) {
      if (editable) drawMessage(person.messages.get(editable.message_id));
      drawMessage(content);
      if (content.from.is_bot) showStatus("");
    } else if (kind === "message" && content.from.is_bot) {
      person.unread += 1;
    }
  } else if (kind === "delete") {
    person.messages.delete(content.message_id);
    if (here) drawLog();
  } else if (kind === "blocked") {
    person.blocked = content.blocked;
  } else if (kind === "action" && here) {
    showStatus(labels.typing);
    typingTimer = setTimeout(() => showStatus(""), 5000);
    return;
  } else if (kind === "callback_answer" && here) {
    for (const key of document.querySelectorAll(".key[aria-busy]")) key.removeAttribute("aria-busy");
    if (!content.show_alert) return toast(content.text);
    $("alert-text").textContent = content.text;
    $("alert").showModal();
    return;
  }
  drawPeople();
  if (here) drawFoot();
}

async function load() {
  for (const person of await call("people") ?? []) {
    const messages = await call(`chats/${person.chat_id}/messages`) ?? [];
    const known = people.get(person.id);
    people.set(person.id, {
      ...person,
      unread: known?.unread ?? 0,
      messages: new Map(messages.map((message) => [message.message_id, message])),
    });
  }
  const chosen = people.get(current?.id) ?? people.values().next().value;
  if (chosen) await choose(chosen);
}

async function speak(language) {
  labels = await call(`labels?language=${language}`) ?? labels;
  document.documentElement.lang = labels.language;
  $("language").value = labels.language;
  for (const node of document.querySelectorAll("[data-label]")) node.textContent = labels[node.dataset.label];
  for (const node of document.querySelectorAll("[data-label-aria]")) {
    const label = labels[node.dataset.labelAria];
    node.setAttribute("aria-label", label);
    if (node.tagName === "BUTTON") node.title = label;
  }
  $("text").placeholder = labels.write;
  document.title = labels.title;
}

$("language").addEventListener("change", async (event) => {
  localStorage.setItem("language", event.target.value);
  await speak(event.target.value);
  if (current) await choose(current);
});
$("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  } else if (event.key === "ArrowUp" && !$("text").value) {
    const own = lastOwn();
    if (own) { event.preventDefault(); startEditing(own); }
  } else if (event.key === "Escape") {
    stopEditing();
  }
});
$("commands").addEventListener("click", toggleMenu);
$("menu").addEventListener("keydown", (event) => {
  if (event.key === "Escape") { closeMenu(); $("commands").focus(); }
});
$("editing-cancel").addEventListener("click", stopEditing);
$("photo").addEventListener("click", () => $("photo-file").click());
$("photo-file").addEventListener("change", async (event) => {
  if (event.target.files.length) await sendPhoto(event.target.files[0]);
  event.target.value = "";
});
$("voice").addEventListener("click", () => act("voice"));
$("block").addEventListener("click", () => act(current.blocked ? "unblock" : "block"));
$("instead-button").addEventListener("click", () => (current.blocked ? act("unblock") : actions.say("/start")));
$("faults-open").addEventListener("click", () => $("faults").showModal());
$("faults").addEventListener("close", () => applyFaults($("faults").returnValue));

await speak(localStorage.getItem("language") ?? navigator.language);
const events = new EventSource("/control/events");
events.addEventListener("open", load);
events.addEventListener("message", (event) => heard(JSON.parse(event.data)));
