import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// Seeding two clinics takes seconds, or a minute where the processors are shared.
const readyWithin = 240_000;
const stoppedWithin = 60_000;

export const binary = resolve(__dirname, "../..", process.env.ANTEROOM_BIN ?? "bin/anteroom");

/** A demo of its own: one process, one PostgreSQL, one folder. */
export class Server {
  private output = "";

  private constructor(
    readonly url: string,
    private readonly dir: string,
    private readonly process: ChildProcess,
  ) {
    for (const pipe of [process.stdout, process.stderr]) pipe?.on("data", (text) => (this.output += text));
  }

  static async start(): Promise<Server> {
    const dir = await mkdtemp(join(await quickest(), "anteroom-e2e-"));
    await chmod(dir, 0o711); // PostgreSQL runs as another user when we are root
    const address = `127.0.0.1:${await freePort()}`;
    const process = spawn(binary, ["serve", "--demo"], {
      env: { ...environment(), ANTEROOM_ADDR: address, ANTEROOM_DATA_DIR: join(dir, "data") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const server = new Server(`http://${address}`, dir, process);
    try {
      await server.ready();
    } catch (error) {
      process.kill("SIGKILL");
      throw new Error(`${error}\n${server.log()}`);
    }
    return server;
  }

  /** Runs another command on this server's database, as its operator does while it runs; answers what it printed. */
  operate(args: string[], typed = ""): Promise<string> {
    return program(args, { ...environment(), ANTEROOM_DATA_DIR: join(this.dir, "data") }, typed);
  }

  /** What the server has said so far. */
  log(): string {
    return this.output;
  }

  private async ready(): Promise<void> {
    const broken = once(this.process, "error").then(([error]) => Promise.reject(error));
    await Promise.race([broken, this.poll()]);
  }

  private async poll(): Promise<void> {
    const deadline = Date.now() + readyWithin;
    while (Date.now() < deadline) {
      if (this.process.exitCode !== null) throw new Error(`the server ended with ${this.process.exitCode}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((next) => setTimeout(next, 100));
    }
    throw new Error("the server did not become ready");
  }

  /** Asks the server to stop as Ctrl-C does, and fails unless it and its PostgreSQL are gone in order. */
  async stop(): Promise<void> {
    const postgres = Number.parseInt(await readFile(this.pidFile(), "utf8"), 10);
    const exited = once(this.process, "exit");
    const late = setTimeout(() => this.process.kill("SIGKILL"), stoppedWithin);
    this.process.kill("SIGINT");
    const [code, signal] = await exited;
    clearTimeout(late);
    const left = await readFile(this.pidFile(), "utf8").catch(() => null);
    const problems = [
      code === 0 ? "" : `the server ended with ${code ?? signal}`,
      left === null ? "" : "PostgreSQL left its postmaster.pid",
      alive(postgres) ? "PostgreSQL still runs" : "",
    ].filter(Boolean);
    if (problems.length > 0) throw new Error(`${problems.join("; ")}\n${this.log()}`);
    await rm(this.dir, { recursive: true });
  }

  private pidFile(): string {
    return join(this.dir, "data", "postgres", "postmaster.pid");
  }
}

// In memory where there is room for it: a server is seeded several times as fast.
async function quickest(): Promise<string> {
  const free = await statfs("/dev/shm").then((s) => s.bavail * s.bsize, () => 0);
  return free >= 4 * 2 ** 30 ? "/dev/shm" : tmpdir();
}

// Settings of whoever runs the tests are not those of the servers.
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => name === "ANTEROOM_POSTGRES_BIN" || (!name.startsWith("ANTEROOM_") && name !== "DATABASE_URL"),
    ),
  );
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

/** Runs the program by itself until it ends; answers what it printed. */
export const run = (...args: string[]): Promise<string> => program(args, environment(), "");

async function program(args: string[], env: NodeJS.ProcessEnv, typed: string): Promise<string> {
  const child = spawn(binary, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let [printed, said] = ["", ""];
  child.stdout.on("data", (text) => (printed += text));
  child.stderr.on("data", (text) => (said += text));
  child.stdin.end(typed);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`anteroom ${args.join(" ")} ended with ${code}\n${printed}${said}`);
  return printed;
}
