// The guard's desk: what the stream brings is put in its place unless that would move what is under the pointer, refused
// passes stay red until somebody has seen them, and new passes are announced to those who want it.
import htmx from "htmx.org";
import { announce, closest, onContent } from "./dom";

const KEY = "nz-passes-seen";
const MOST = 300;
const ANNOUNCE = "nz-announce-passes";
/** No longer than this something waits for the pointer. */
const PATIENCE_MS = 5000;

let waiting: { desk: HTMLElement; html: string; since: number } | null = null;
let newest = "";

function seen(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function remember(key: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...seen(), key].slice(-MOST)));
  } catch {
    // A browser that keeps nothing shows it red again.
  }
}

function mark(root: ParentNode): void {
  const known = new Set(seen());
  for (const pass of root.querySelectorAll<HTMLElement>("[data-refused]")) {
    pass.classList.toggle("nz-seen", known.has(pass.dataset.pass ?? ""));
  }
}

function isPointedAt(desk: HTMLElement): boolean {
  return desk.querySelector(".nz-passes a:hover, .nz-passes button:hover, .nz-passes button:focus-visible, .nz-gates a:active") !== null;
}

function put(desk: HTMLElement, html: string): void {
  waiting = null;
  htmx.swap(desk, html, { swapStyle: "morph:innerHTML" as "innerHTML", swapDelay: 0, settleDelay: 20 });
}

function tell(desk: HTMLElement): void {
  const last = desk.querySelector<HTMLElement>(".nz-desk-last");
  const key = last?.dataset.pass ?? "";
  if (key && newest && key !== newest && localStorage.getItem(ANNOUNCE) === "1") {
    announce((last?.innerText ?? "").replace(/\s+/g, " "), last?.hasAttribute("data-refused"));
  }
  newest = key || newest;
}

export function startDesk(): void {
  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    const desk = event.target;
    if (!(desk instanceof HTMLElement) || !desk.hasAttribute("data-desk") || !isPointedAt(desk)) return;
    const since = waiting?.desk === desk ? waiting.since : performance.now();
    if (performance.now() - since > PATIENCE_MS) return;
    event.preventDefault();
    waiting = { desk, html: (event as CustomEvent<MessageEvent<string>>).detail.data, since };
  });
  window.setInterval(() => {
    if (!waiting) return;
    const { desk, html, since } = waiting;
    if (!desk.isConnected) waiting = null;
    else if (!isPointedAt(desk) || performance.now() - since > PATIENCE_MS) put(desk, html);
  }, 250);
  document.addEventListener("click", (event) => {
    const pass = closest(event, "[data-pass-seen]")?.closest<HTMLElement>("[data-pass]");
    if (!pass) return;
    const key = pass.dataset.pass ?? "";
    remember(key);
    pass.classList.add("nz-seen");
    pass.querySelector<HTMLElement>("[data-pass-seen]")?.blur();
  });
  document.addEventListener("change", (event) => {
    const box = closest<HTMLInputElement>(event, "[data-announce-passes]");
    if (box) localStorage.setItem(ANNOUNCE, box.checked ? "1" : "0");
  });
  onContent((root) => {
    mark(root);
    const desk = root.querySelector<HTMLElement>("[data-desk]");
    if (desk) tell(desk);
    const box = root.querySelector<HTMLInputElement>("[data-announce-passes]");
    if (box) box.checked = localStorage.getItem(ANNOUNCE) === "1";
  });
}
