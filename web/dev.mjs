// `make dev`: builds and restarts the demo whenever a source file changes. A
// build that fails leaves the running server as it was.
import { spawn } from "node:child_process";
import { existsSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = ["web", "views", "handlers", "domain", "migrations", "static"];
const source = /\.(go|templ|css|js|mjs|sql|txt|svg|png)$/;
const built = /_templ\.go$|app\.css$|icons\.svg$|js[\\/](vendor|built)|_test\.go$|e2e[\\/]/;

let server;
let stopping = false;
let busy = false;
let again = false;

const run = (command, args) => spawn(command, args, { cwd: root, stdio: "inherit" });
const ended = (child) => new Promise((resolve) => child.once("exit", (code) => resolve(code)));

function start() {
  server = run("bin/anteroom", ["serve", "--demo"]);
  const mine = server;
  server.once("exit", (code) => {
    if (server === mine && !stopping) console.error(`The server ended (${code}); waiting for a change.`);
    mine.gone = true;
  });
}

async function stop() {
  if (!server || server.gone) return;
  const gone = ended(server);
  stopping = true;
  server.kill("SIGTERM"); // it stops its database in order
  await gone;
  stopping = false;
}

async function rebuild() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  do {
    again = false;
    if ((await ended(run("make", ["build"]))) === 0 && !again) {
      await stop();
      start();
    }
  } while (again);
  busy = false;
}

let timer;
for (const folder of folders.filter((name) => existsSync(join(root, name)))) {
  watch(join(root, folder), { recursive: true }, (_event, name) => {
    if (!name || !source.test(name) || built.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(rebuild, 150);
  });
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    clearTimeout(timer);
    await stop();
    process.exit(0);
  });
}

start();
