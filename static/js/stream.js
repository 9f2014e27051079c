// Joins the browser's stream of changes and says "schedule" on the body when something changed: what shows the schedule
// then asks for itself. The stream says no more than that.
const source = () => document.querySelector("[data-stream]");
let standing = "wait";
let heard = 0; // when the last change was heard of
let port = null;

function showStanding() {
  const live = source();
  if (!live) return;
  live.hidden = false;
  if (live.dataset.state === standing) return;
  live.dataset.state = standing;
  live.textContent = { on: "Live", wait: "Connecting", off: "Reconnecting" }[standing];
}

const changed = () => document.body.dispatchEvent(new CustomEvent("schedule", { bubbles: true }));

function hear({ data }) {
  if (data.changed) {
    heard = performance.now();
    changed();
  }
  if (data.state === "on" || (data.state === "off" && standing === "on")) standing = data.state;
  showStanding();
}

function join() {
  const { stream, streamName, worker } = source().dataset;
  if (!port) {
    if (window.SharedWorker) port = new SharedWorker(worker, { name: streamName }).port;
    else port = new Worker(worker);
    port.onmessage = hear;
  }
  port.postMessage({ url: stream, since: Number(new URL(stream, location.origin).searchParams.get("since")) });
}

if (source()) {
  showStanding();
  join();
  addEventListener("pagehide", () => port.postMessage({ leave: true }));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    join();
    changed();
  });
  // An answer that was under way when something changed may not know of it.
  const asked = new WeakMap();
  document.addEventListener("htmx:before:request", ({ detail }) => asked.set(detail.ctx, performance.now()));
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    showStanding();
    if (detail.ctx.target?.closest?.("#schedule, [data-live]") && asked.get(detail.ctx) < heard) changed();
  });
}
