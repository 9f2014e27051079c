// Moves an appointment to another time or practitioner: dragged with a mouse or, after a long press, with a finger; or by
// keyboard: M, arrow keys, Enter. The server decides; a time that is taken answers with a dialog.
import { instant } from "./instant.js";

const movable = ".ap[data-seen]";
const slop = 5; // pixels before a press is a drag
const press = 400; // milliseconds before a touch is one
const edge = 48; // from here on the grid scrolls by itself
let moving = null; // what is being moved
let missed = false; // something changed meanwhile

const region = () => document.getElementById("schedule-grid");
const bodies = () => [...region().querySelectorAll(".col-body")];
const rowOf = (item) => Number(/\br-(\d+)/.exec(item.className)?.[1] ?? 0);
const rowsOf = (item) => Number(/\bh-u-(\d+)/.exec(item.className)?.[1] ?? 1);
const two = (n) => String(n).padStart(2, "0");
const cal = () => region().querySelector(".cal");
const grain = () => Number(cal().dataset.grain) / 5; // in rows
const height = () => (Number(cal().dataset.to) - Number(cal().dataset.from)) * 12;
const clock = (row) => {
  const minute = Number(cal().dataset.from) * 60 + row * 5;
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
};
const unit = () => Number.parseFloat(getComputedStyle(cal()).getPropertyValue("--u"));
const say = (words) => {
  const said = document.getElementById("said");
  if (said) said.textContent = words;
};

function begin(item, how) {
  const template = document.getElementById("ghost");
  if (moving || !template) return;
  const ghost = template.content.firstElementChild.cloneNode(true);
  ghost.querySelector("b").textContent = item.querySelector("b").textContent;
  const body = item.closest(".col-body");
  const row = rowOf(item);
  const rows = rowsOf(item);
  moving = { item, id: item.id, how, ghost, rows, from: { body, row }, body: null, row: -1 };
  item.classList.add("is-moving");
  document.documentElement.classList.add("moves", `moves-by-${how}`);
  put(body, row);
}

/** What a place would be in the way of: free, its own, taken, closed or past. */
function state(body, row) {
  const end = row + moving.rows;
  if (body === moving.from.body && row === moving.from.row) return "own";
  const hits = (selector) =>
    [...body.querySelectorAll(selector)].some((it) => it !== moving.item && rowOf(it) < end && rowOf(it) + rowsOf(it) > row);
  if (hits(".ap:not(.s-noshow), .more")) return "taken";
  if (hits(".off, .bl") || end > height()) return "closed";
  const past = body.querySelector(".past");
  if (past && row * unit() < past.getBoundingClientRect().height) return "past";
  return "free";
}

const stateWords = { free: "free", own: "where it is", taken: "taken", closed: "outside hours", past: "past" };

function put(body, row) {
  row = Math.max(0, Math.min(row, height() - Math.min(moving.rows, height())));
  if (moving.body === body && moving.row === row) return false;
  Object.assign(moving, { body, row, state: state(body, row) });
  const { ghost } = moving;
  ghost.className = `ghost is-${moving.state} r-${row} h-u-${Math.min(moving.rows, height() - row)}`;
  ghost.querySelector("[data-when]").textContent = `${clock(row)} to ${clock(row + moving.rows)}`;
  ghost.querySelector("[data-state]").textContent = stateWords[moving.state];
  body.append(ghost);
  return true;
}

/** Ends the move; what changed meanwhile is asked for. */
function leave() {
  if (!moving) return;
  const { ghost, id, how } = moving;
  ghost.remove();
  document.getElementById(id)?.classList.remove("is-moving");
  document.documentElement.classList.remove("moves", "moves-by-pointer", "moves-by-keys");
  stopScrolling();
  document.getElementById("move-hint")?.setAttribute("hidden", "");
  moving = null;
  if (missed) document.body.dispatchEvent(new CustomEvent("schedule", { bubbles: true }));
  missed = false;
  if (how === "keys") document.getElementById(id)?.querySelector("a")?.focus();
}

async function drop() {
  const { item, body, row, from, how } = moving;
  if (moving.state === "own") {
    leave();
    say("Not moved.");
    return;
  }
  moving.ghost.classList.add("is-sent");
  const values = { starts: instant(body.dataset.day, Number(cal().dataset.from) * 60 + row * 5), seen: item.dataset.seen };
  if (body.dataset.who !== from.body.dataset.who) values.practitioner = body.dataset.who;
  const place = { who: body.dataset.who, day: body.dataset.day, row };
  try {
    await htmx.ajax("POST", `/appointments/${item.id.slice(2)}/move`, { source: "#toasts", target: "#toasts", select: ".toast", swap: "innerHTML", values });
  } finally {
    missed = true;
    leave();
    if (how === "keys") follow(place);
  }
}

/** A moved appointment is another one: the keyboard goes on where it was put. */
function follow({ who, day, row }) {
  const look = () => {
    const item = document.querySelector(`.col-body[data-who="${who}"][data-day="${day}"] .ap.r-${row} > a`);
    if (!item || document.querySelector("dialog[open]")) return;
    item.focus();
    document.removeEventListener("htmx:after:swap", look);
  };
  document.addEventListener("htmx:after:swap", look);
  setTimeout(() => document.removeEventListener("htmx:after:swap", look), 2000);
}

/* With a pointer. */

let pressed = null; // a press that may become a drag
let pointer = null; // where the pointer is
let frame = 0;
let dragged = false; // the click that ends a drag opens nothing

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.(movable);
  if (!item || event.button !== 0 || event.target.closest("button") || moving) return;
  pressed = { item, id: event.pointerId, x: event.clientX, y: event.clientY, touch: event.pointerType === "touch" };
  pressed.grip = event.clientY - item.getBoundingClientRect().top;
  if (pressed.touch) {
    pressed.timer = setTimeout(() => {
      lift();
      navigator.vibrate?.(10);
    }, press);
  }
});

function lift() {
  const { item, id, grip } = pressed;
  begin(item, "pointer");
  if (!moving) return;
  moving.grip = grip;
  moving.pointer = id;
  say(`Moving ${moving.ghost.querySelector("b").textContent}. Escape leaves it where it is.`);
}

document.addEventListener("pointermove", (event) => {
  pointer = { x: event.clientX, y: event.clientY };
  if (pressed && !moving) {
    const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
    if (pressed.touch && far > slop * 2) return forget(); // a finger that scrolls
    if (!pressed.touch && far > slop) lift();
  }
  if (moving?.how !== "pointer" || event.pointerId !== moving.pointer) return;
  dragged = true;
  aim();
  if (!frame) frame = requestAnimationFrame(scroll);
});

function aim() {
  const box = region().getBoundingClientRect();
  const x = Math.max(box.left + 1, Math.min(pointer.x, box.right - 1));
  const all = bodies();
  const body = all.find((it) => {
    const at = it.getBoundingClientRect();
    return x >= at.left && x < at.right;
  }) ?? moving.body;
  const step = grain();
  const row = Math.round((pointer.y - moving.grip - body.getBoundingClientRect().top) / unit() / step) * step;
  put(body, row);
}

function scroll() {
  frame = 0;
  if (moving?.how !== "pointer") return;
  const grid = region();
  const box = grid.getBoundingClientRect();
  const head = grid.querySelector(".col-head")?.offsetHeight ?? 0;
  const axis = grid.querySelector(".axis")?.offsetWidth ?? 0;
  const by = (low, at, high) => (at < low + edge ? (at - low - edge) / 4 : at > high - edge ? (at - high + edge) / 4 : 0);
  const dx = by(box.left + axis, pointer.x, box.right);
  const dy = by(box.top + head, pointer.y, box.bottom);
  if (dx || dy) {
    grid.scrollBy(Math.max(-24, Math.min(dx, 24)), Math.max(-24, Math.min(dy, 24)));
    aim();
    frame = requestAnimationFrame(scroll);
  }
}

function stopScrolling() {
  cancelAnimationFrame(frame);
  frame = 0;
}

function forget() {
  clearTimeout(pressed?.timer);
  pressed = null;
}

document.addEventListener("pointerup", (event) => {
  forget();
  if (moving?.how !== "pointer" || event.pointerId !== moving.pointer) return;
  if (dragged) drop();
  else leave(); // a long press without a move: the menu opens
});
document.addEventListener("pointercancel", () => {
  forget();
  if (moving?.how === "pointer") leave();
});
// The browser must not drag the link itself, nor scroll under a finger that drags, nor follow the link at the end.
document.addEventListener("dragstart", (event) => event.target.closest?.(movable) && event.preventDefault());
document.addEventListener("touchmove", (event) => moving && event.preventDefault(), { passive: false });
document.addEventListener(
  "click",
  (event) => {
    if (!dragged) return;
    dragged = false;
    if (event.target.closest?.("#schedule-grid")) event.preventDefault();
  },
  true,
);
document.addEventListener("pointerdown", () => (dragged = false), true);

/* With the keyboard. */

export function moveByKeys(item) {
  begin(item, "keys");
  if (!moving) return;
  document.getElementById("move-hint")?.removeAttribute("hidden");
  say(`Moving ${moving.ghost.querySelector("b").textContent}. Arrow keys choose the time, Enter moves it, Escape leaves it where it is.`);
}

function step(rows, columns) {
  const all = bodies();
  const body = all[all.indexOf(moving.body) + columns] ?? moving.body;
  if (put(body, moving.row + rows)) tell();
}

function tell() {
  const { body, row } = moving;
  const day = new Date(`${body.dataset.day}T00:00Z`).toLocaleDateString("en-GB", { weekday: "short", timeZone: "UTC" });
  moving.ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
  say(`${day} ${clock(row)}, ${body.dataset.name}, ${stateWords[moving.state]}`);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!moving) {
      const item = event.target.closest?.(movable);
      const plain = !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
      if (item && plain && !document.documentElement.dataset.letters && event.key.toLowerCase() === "m") {
        event.preventDefault();
        event.stopPropagation();
        moveByKeys(item);
      }
      return;
    }
    if (event.key === "Escape") {
      leave();
      forget();
      say("Not moved.");
    } else if (moving.how === "keys") {
      const jump = 60 / 5;
      switch (event.key) {
        case "ArrowDown": step(grain(), 0); break;
        case "ArrowUp": step(-grain(), 0); break;
        case "ArrowRight": step(0, 1); break;
        case "ArrowLeft": step(0, -1); break;
        case "PageDown": step(jump, 0); break;
        case "PageUp": step(-jump, 0); break;
        case "Enter": drop(); break;
        case "Tab": leave(); return;
        default: return;
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

// The grid stays as it is while something is moved on it, and asks for what changed afterwards.
document.addEventListener("htmx:before:request", (event) => {
  if (!moving || event.detail.ctx.sourceElement !== region() || event.detail.ctx.request.method !== "GET") return;
  event.preventDefault();
  missed = true;
});
