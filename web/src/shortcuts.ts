// "/" search, "?" the list, "[" and "]" previous and next. All of them can be switched off.
import { byId, closest, isTyping, onContent } from "./dom";

const SWITCH = "nz-shortcuts";

function isOff(): boolean {
  return localStorage.getItem(SWITCH) === "off";
}

function press(selector: string): boolean {
  const target = [...document.querySelectorAll<HTMLElement>(selector)].find((each) => each.offsetParent !== null);
  target?.click();
  return Boolean(target);
}

function focusSearch(): boolean {
  const fields = [...document.querySelectorAll<HTMLInputElement>("[data-search]")];
  const field = fields.find((each) => each.offsetParent !== null);
  field?.focus();
  field?.select();
  return Boolean(field);
}

function showList(): boolean {
  const list = byId("nz-shortcuts");
  if (!(list instanceof HTMLDialogElement)) return false;
  list.showModal();
  return true;
}

const KEYS: Record<string, () => boolean> = {
  "/": focusSearch,
  "?": showList,
  "[": () => press("[data-key=previous]"),
  "]": () => press("[data-key=next]"),
};

export function startShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isOff()) return;
    if (document.querySelector("dialog[open]")) return;
    if (KEYS[event.key]?.()) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    const box = closest<HTMLInputElement>(event, "[data-shortcuts-switch]");
    if (box) localStorage.setItem(SWITCH, box.checked ? "on" : "off");
  });
  onContent((root) => {
    for (const box of root.querySelectorAll<HTMLInputElement>("[data-shortcuts-switch]")) box.checked = !isOff();
  });
}
