// Check boxes of table rows: the head box, ranges with Shift, and the bar that counts them.
import { announce, closest, onContent } from "./dom";

let last: HTMLInputElement | null = null;

function boxes(scope: Element): HTMLInputElement[] {
  return [...scope.querySelectorAll<HTMLInputElement>("[data-pick]")];
}

function refresh(scope: Element, speak: boolean): void {
  const all = boxes(scope);
  const picked = all.filter((box) => box.checked).length;
  const head = scope.querySelector<HTMLInputElement>("[data-pick-all]");
  if (head) {
    head.checked = picked > 0 && picked === all.length;
    head.indeterminate = picked > 0 && picked < all.length;
  }
  const bar = scope.querySelector<HTMLElement>("[data-picked]");
  if (!bar) return;
  bar.hidden = picked === 0;
  const count = bar.querySelector("[data-picked-count]");
  if (count) count.textContent = String(picked);
  if (speak && picked > 0) announce(bar.querySelector("[data-picked-text]")?.textContent ?? "");
}

function pickRange(scope: Element, to: HTMLInputElement): void {
  const all = boxes(scope);
  const ends = [all.indexOf(to), last ? all.indexOf(last) : -1].sort((a, b) => a - b);
  if (ends[0]! < 0) return;
  for (const box of all.slice(ends[0], ends[1]! + 1)) box.checked = to.checked;
}

export function startPicks(): void {
  document.addEventListener("click", (event) => {
    const scope = closest(event, "[data-picks]");
    const box = closest<HTMLInputElement>(event, "[data-pick], [data-pick-all]");
    if (!scope || !box) return;
    if (box.hasAttribute("data-pick-all")) for (const each of boxes(scope)) each.checked = box.checked;
    else if (event.shiftKey) pickRange(scope, box);
    if (box.hasAttribute("data-pick")) last = box;
    refresh(scope, true);
  });
  onContent((root) => {
    for (const scope of root.querySelectorAll("[data-picks]")) refresh(scope, false);
  });
}
