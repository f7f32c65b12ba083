// Draws one message: text from its entities, files, keyboards. Text only ever becomes text nodes.

const SAFE_LINK = /^(https?|mailto|tel):/i;
const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote",
};

export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function button(className, label, onClick) {
  const made = element("button", className, label);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

function link(href, ...children) {
  if (!SAFE_LINK.test(href)) return element("span", "", ...children);
  const made = element("a", "", ...children);
  made.href = href;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function wrapped(entity, covered, children, actions) {
  switch (entity.type) {
    case "text_link": return [link(entity.url, ...children)];
    case "url": return [link(/^https?:/i.test(covered) ? covered : `https://${covered}`, ...children)];
    case "email": return [link(`mailto:${covered}`, ...children)];
    case "phone_number": return [link(`tel:${covered.replace(/[^+\d]/g, "")}`, ...children)];
    case "bot_command": return [button("command", covered, () => actions.say(covered))];
    case "spoiler": {
      const made = button("spoiler", "", () => made.classList.add("shown"));
      made.append(...children);
      return [made];
    }
    case "expandable_blockquote": {
      const quote = element("blockquote", "folded", ...children);
      const unfold = button("unfold", actions.labels.show_all, () => {
        quote.classList.remove("folded");
        unfold.remove();
      });
      return [quote, unfold];
    }
    default: return TAGS[entity.type] ? [element(TAGS[entity.type], "", ...children)] : children;
  }
}

// Offsets are in UTF-16 code units, which is how JavaScript counts too. Entities arrive outermost first.
export function formatted(text, entities, actions, start = 0, end = text.length) {
  const nodes = [];
  let at = start;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity.offset < at) continue;
    const stop = Math.min(entity.offset + entity.length, end);
    const inner = entities.slice(index + 1).filter((other) => other.offset < stop);
    nodes.push(text.slice(at, entity.offset));
    const children = formatted(text, inner, actions, entity.offset, stop);
    nodes.push(...wrapped(entity, text.slice(entity.offset, stop), children, actions));
    at = stop;
  }
  nodes.push(text.slice(at, end));
  return nodes.filter((node) => node !== "");
}

function fileCard(fileId, title, detail, labels) {
  const card = element("a", "file", element("span", "icon", icon("file")),
    element("span", "", element("strong", "", title), element("span", "hint", detail)));
  card.href = `/control/files/${encodeURIComponent(fileId)}`;
  card.setAttribute("download", title);
  card.setAttribute("aria-label", `${labels.download}: ${title}`);
  return card;
}

function attachment(message, labels) {
  if (message.photo) {
    const picture = element("img", "picture");
    const largest = message.photo.at(-1);
    picture.src = `/control/files/${encodeURIComponent(largest.file_id)}`;
    picture.width = largest.width;
    picture.height = largest.height;
    picture.alt = message.caption || labels.photo;
    return picture;
  }
  if (message.document) {
    const { file_id: id, file_name: name, file_size: size } = message.document;
    return fileCard(id, name, `${Math.max(1, Math.round(size / 1024))} KB`, labels);
  }
  if (message.voice) {
    const { file_id: id, duration } = message.voice;
    const length = `${Math.floor(duration / 60)}:${String(duration % 60).padStart(2, "0")}`;
    return fileCard(id, labels.voice, length, labels);
  }
  const other = ["sticker", "contact", "location"].find((kind) => message[kind]);
  return other ? element("em", "", labels[other]) : null;
}

export function preview(message, labels) {
  if (message.text) return message.text;
  const kind = ["photo", "voice", "document", "sticker", "contact", "location"].find((name) => message[name]);
  return [kind && labels[kind], message.caption].filter(Boolean).join(": ");
}

function inlineKey(key, message, actions) {
  if (key.url) {
    const made = link(key.url, key.text);
    made.classList.add("key");
    return made;
  }
  const made = button("key", key.text, async () => {
    if (key.copy_text) await actions.copy(key.copy_text.text);
    if (key.callback_data === undefined) return;
    made.setAttribute("aria-busy", "true");
    await actions.press(message, key.callback_data);
    setTimeout(() => made.removeAttribute("aria-busy"), 3000);
  });
  return made;
}

export function keyboard(rows, makeKey) {
  return element("div", "keys", ...rows.map((row) => element("div", "keys-row", ...row.map(makeKey))));
}

export function bubble(message, own, editable, actions) {
  const { labels } = actions;
  const item = element("li", own ? "message own" : "message");
  item.dataset.testid = own ? "own-message" : "bot-message";
  item.dataset.messageId = message.message_id;
  const body = element("div", "bubble");
  if (message.reply_to_message) body.append(element("div", "quote", preview(message.reply_to_message, labels)));
  const attached = attachment(message, labels);
  if (attached) body.append(attached);
  const text = message.text ?? message.caption;
  if (text) {
    const entities = message.entities ?? message.caption_entities ?? [];
    const shown = element("div", "text", ...formatted(text, entities, actions));
    shown.dir = "auto";
    shown.dataset.testid = "message-text";
    body.append(shown);
  }
  const meta = element("div", "meta");
  if (message.edit_date) {
    const mark = element("span", "", labels.edited);
    mark.dataset.testid = "edited";
    meta.append(mark);
  }
  const time = new Intl.DateTimeFormat(labels.language, { hour: "2-digit", minute: "2-digit" });
  meta.append(element("time", "", time.format(new Date(message.date * 1000))));
  if (editable) {
    const edit = button("icon", icon("edit"), () => actions.edit(message));
    edit.setAttribute("aria-label", labels.edit);
    edit.dataset.testid = "edit";
    meta.append(edit);
  }
  body.append(meta);
  item.append(body);
  const rows = message.reply_markup?.inline_keyboard;
  if (rows?.length) item.append(keyboard(rows, (key) => inlineKey(key, message, actions)));
  return item;
}
