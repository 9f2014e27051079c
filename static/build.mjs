// Builds what the browser gets and git does not hold: the icon sprite, htmx, the pages' scripts,
// the font files and the stylesheet. Run by `make`; needs `npm ci` first.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import subsetFont from "subset-font";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const npm = (path) => join(root, "node_modules", path);

// The map is not served, so a reference to it would be a 404 in every console.
write("js/vendor/htmx.js", readFileSync(npm("htmx.org/dist/htmx.min.js"), "utf8").replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n"));
await scripts();
await fonts();
writeFileSync(join(here, "img/icons.svg"), sprite());
stylesheet();

function write(to, content) {
  const target = join(here, to);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}

// scripts puts what a page needs into one file: a phone opens a connection for every few files it waits for.
async function scripts() {
  const outdir = join(here, "js/built");
  rmSync(outdir, { recursive: true, force: true });
  const pages = readdirSync(join(here, "js/pages")).map((name) => join(here, "js/pages", name));
  await build({
    entryPoints: [...pages, join(here, "js/stream-worker.js")],
    entryNames: "[name]",
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    logLevel: "warning",
  });
}

// fonts cuts Inter into the ranges that base.css names for each file, and without its thin weights, which no page uses. European names need one
// small file beside the common one, not all the letters there are. What ligatures and accents need besides comes along.
async function fonts() {
  const css = readFileSync(join(here, "css/base.css"), "utf8");
  const faces = [...css.matchAll(/fonts\/inter-([\w-]+)\.woff2[\s\S]*?unicode-range:([^;]+);/g)];
  if (faces.length !== 3) throw new Error(`static/css/base.css: three files of Inter expected, ${faces.length} found`);
  for (const [, name, ranges] of faces) {
    const source = name === "latin" ? "latin" : "latin-ext";
    const font = readFileSync(npm(`@fontsource-variable/inter/files/inter-${source}-wght-normal.woff2`));
    const options = { targetFormat: "woff2", variationAxes: { wght: { min: 400, max: 900 } } };
    write(`fonts/inter-${name}.woff2`, await subsetFont(font, letters(ranges), options));
  }
}

// letters are those that a unicode-range means.
function letters(ranges) {
  return ranges
    .split(",")
    .map((range) => {
      const [from, to = from] = range.trim().slice(2).split("-").map((it) => Number.parseInt(it, 16));
      return Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join("");
    })
    .join("");
}

// sprite turns the listed Lucide icons into one file of <symbol>s. What all of
// them share sits on the symbol, so `<svg><use href="…#sun"/></svg>` is enough.
function sprite() {
  const names = readFileSync(join(here, "img/icons.txt"), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));
  const symbols = [...new Set(names)].sort().map((name) => {
    let svg;
    try {
      svg = readFileSync(npm(`lucide-static/icons/${name}.svg`), "utf8");
    } catch {
      throw new Error(`static/img/icons.txt: Lucide has no icon named "${name}"`);
    }
    const inner = svg
      .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/\s*\n\s*/g, "");
    return (
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
      `stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`
    );
  });
  const { version } = createRequire(import.meta.url)(npm("lucide-static/package.json"));
  return (
    `<!-- Lucide ${version}, ISC licence, https://lucide.dev/license -->\n` +
    `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`
  );
}

function stylesheet() {
  const args = ["-i", join(here, "css/input.css"), "-o", join(here, "css/app.css"), "--minify"];
  const run = spawnSync(npm(".bin/tailwindcss"), args, { cwd: root, encoding: "utf8" });
  if (run.error) throw run.error;
  if (run.status !== 0) {
    process.stderr.write(run.stdout + run.stderr);
    process.exit(run.status ?? 1);
  }
}
