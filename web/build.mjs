// Builds static/ from web/: one script, one style sheet, one icon sprite, the lattice and the mark.
import { build } from "esbuild";
import { readFile, writeFile, mkdir } from "node:fs/promises";

const out = new URL("../static/", import.meta.url);
const here = (path) => new URL(path, import.meta.url);

async function scripts() {
  await build({
    entryPoints: [here("src/main.ts").pathname],
    outfile: new URL("app.js", out).pathname,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
  });
}

async function styles() {
  await build({
    entryPoints: [here("styles/app.css").pathname],
    outfile: new URL("app.css", out).pathname,
    bundle: true,
    minify: true,
    external: ["/static/*"],
    legalComments: "none",
  });
}

/** The body of one outline icon, without the invisible bounding box. */
async function outline(name) {
  const svg = await readFile(here(`node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
  return svg
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none"[^>]*>/, "")
    .replace(/\s*\n\s*/g, "");
}

async function sprite() {
  const icons = JSON.parse(await readFile(here("icons.json"), "utf8"));
  const own = await readFile(here("own-icons.svg"), "utf8");
  const symbols = [];
  for (const [name, source] of Object.entries(icons).sort()) {
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${await outline(source)}</symbol>`);
  }
  symbols.push(...own.split("\n").filter((line) => line.startsWith("<symbol")));
  const notice = "<!-- Outline icons: Tabler Icons, MIT licence, copyright Pawel Kuna. Mark and lights: Nazorat. -->";
  await writeFile(
    new URL("icons.svg", out),
    `${notice}\n<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
  );
}

/** An eight-point star of two squares as a path around (x, y); `r` is the distance to a point. */
function star(x, y, r) {
  const inner = (r * Math.SQRT1_2) / Math.cos(Math.PI / 8);
  const step = (i) => {
    const reach = i % 2 === 0 ? r : inner * 1.0;
    const angle = (i * Math.PI) / 8 - Math.PI / 2;
    return `${(x + reach * Math.cos(angle)).toFixed(2)} ${(y + reach * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${Array.from({ length: 16 }, (_, i) => step(i)).join("L")}Z`;
}

async function lattice() {
  const size = 104;
  const middle = size / 2;
  const lines = [
    `<path d="${star(middle, middle, middle)}" stroke-opacity=".13"/>`,
    `<path d="${star(middle, middle, 34)}" stroke-opacity=".1"/>`,
    `<circle cx="${middle}" cy="${middle}" r="11" stroke-opacity=".1"/>`,
    ...[[0, 0], [size, 0], [0, size], [size, size]].map(
      ([x, y]) => `<path d="${star(x, y, 14)}" stroke-opacity=".1"/>`,
    ),
  ];
  await writeFile(
    new URL("lattice.svg", out),
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" fill="none" stroke="#fff">${lines.join("")}</svg>\n`,
  );
  await writeFile(
    new URL("mark.svg", out),
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#2A4C9B" stroke="#2A4C9B" stroke-width="1.6" stroke-linejoin="round" d="${star(16, 16, 14.6)}"/><circle cx="16" cy="16" r="7" fill="none" stroke="#fff" stroke-width="2.4"/><circle cx="16" cy="16" r="2.3" fill="#fff"/></svg>\n`,
  );
}

await mkdir(out, { recursive: true });
await Promise.all([scripts(), styles(), sprite(), lattice()]);
