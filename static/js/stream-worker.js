// One stream of changes for all windows of a browser: over HTTP/1.1 a browser opens six connections to a server, and
// every stream keeps one for itself. Where windows cannot share a worker, each runs this for itself.
const windows = new Set();
const silence = 45_000; // the server gives a sign of life every 15 seconds
let source = null;
let state = "off";
let opened = 0; // when the stream began, and its last event: by the server's clock
let last = 0;
let tries = 0;
let retry = 0;
let watch = 0;

const tell = (message) => windows.forEach((window) => window.postMessage(message));

function become(now) {
  if (state !== now) tell({ state: now });
  state = now;
}

function alive() {
  clearTimeout(watch);
  watch = setTimeout(again, silence);
}

function open(url) {
  source = new EventSource(url);
  source.addEventListener("here", (event) => {
    opened = Number(event.data);
    tries = 0;
    alive();
    become("on");
  });
  source.addEventListener("beat", alive);
  source.addEventListener("schedule", (event) => {
    last = Number(event.lastEventId);
    alive();
    tell({ changed: event.data });
  });
  // A connection that broke comes back by itself; one that was refused does not.
  source.addEventListener("error", () => {
    become("off");
    if (source?.readyState === EventSource.CLOSED) again();
  });
}

function again() {
  close();
  const url = new URL(address, self.location.origin);
  if (opened) url.searchParams.set("since", Math.max(opened, last));
  retry = setTimeout(() => windows.size && open(url), Math.min(2000 * 2 ** tries++, 60_000));
}

function close() {
  source?.close();
  source = null;
  become("off");
  clearTimeout(watch);
  clearTimeout(retry);
}

let address = "";

function join(window) {
  window.onmessage = ({ data }) => {
    if (data.leave) {
      windows.delete(window);
      if (windows.size === 0) close();
      return;
    }
    windows.add(window);
    address = data.url;
    if (!source) {
      clearTimeout(retry);
      open(address);
    }
    window.postMessage({ state });
    // The stream says what changed since the first window's page was made. A page that is older than the stream, or
    // than its last event, may have missed something. The server's clocks may differ by a second.
    if (state === "on" && (data.since < opened || data.since - 1000 < last)) window.postMessage({ changed: "all" });
  };
}

if ("onconnect" in self) self.onconnect = ({ ports: [window] }) => join(window);
else join(self);
