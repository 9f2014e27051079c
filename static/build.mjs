// Builds what the browser gets and git does not hold: the icon sprite, htmx,
// the font files and the stylesheet. Run by `make`; needs `npm ci` first.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const npm = (path) => join(root, "node_modules", path);

const copies = {
  "js/vendor/htmx.js": "htmx.org/dist/htmx.min.js",
  "fonts/inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "fonts/inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
};

for (const [to, from] of Object.entries(copies)) {
  const target = join(here, to);
  mkdirSync(dirname(target), { recursive: true });
  if (!to.endsWith(".js")) {
    copyFileSync(npm(from), target);
    continue;
  }
  // The map is not served, so a reference to it would be a 404 in every console.
  writeFileSync(target, readFileSync(npm(from), "utf8").replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n"));
}

writeFileSync(join(here, "img/icons.svg"), sprite());
stylesheet();

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
