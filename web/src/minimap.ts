// Dragging the window of the minimap; without a script the zoom links do the same.
import { closest } from "./dom";
import { visit } from "./navigation";

interface Drag {
  map: HTMLElement;
  rect: SVGRectElement;
  startX: number;
  fromPercent: number;
  widthPercent: number;
  percent: number;
}

let drag: Drag | null = null;

function percentOf(rect: SVGRectElement, name: string): number {
  return Number.parseFloat(rect.getAttribute(name) ?? "0");
}

/** Minutes since midnight of the window's left edge, rounded to the step. */
function minuteAt(map: HTMLElement, percent: number): number {
  const { first = "0", span = "1440", step = "30" } = map.dataset;
  const minute = Number(first) + (percent / 100) * Number(span);
  return Math.round(minute / Number(step)) * Number(step);
}

function clock(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function begin(event: PointerEvent): void {
  const rect = closest<SVGRectElement>(event, ".nz-mini-window");
  const map = rect?.closest<HTMLElement>("[data-minimap]");
  if (!rect || !map) return;
  const fromPercent = percentOf(rect, "x");
  drag = { map, rect, startX: event.clientX, fromPercent, widthPercent: percentOf(rect, "width"), percent: fromPercent };
  rect.setPointerCapture(event.pointerId);
}

function move(event: PointerEvent): void {
  if (!drag) return;
  const width = drag.rect.ownerSVGElement?.getBoundingClientRect().width ?? 1;
  const wished = drag.fromPercent + ((event.clientX - drag.startX) / width) * 100;
  drag.percent = Math.min(Math.max(wished, 0), 100 - drag.widthPercent);
  drag.rect.setAttribute("x", `${drag.percent}%`);
  const end = drag.percent + drag.widthPercent;
  drag.map.querySelector("[data-mini-before]")?.setAttribute("width", `${drag.percent}%`);
  const after = drag.map.querySelector("[data-mini-after]");
  after?.setAttribute("x", `${end}%`);
  after?.setAttribute("width", `${100 - end}%`);
}

function end(): void {
  if (!drag) return;
  const { map, percent, fromPercent } = drag;
  drag = null;
  if (percent === fromPercent) return;
  const href = (map.dataset.pattern ?? "").replace("{from}", clock(minuteAt(map, percent)));
  if (href) visit(href);
}

export function startMinimap(): void {
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", () => (drag = null));
}
