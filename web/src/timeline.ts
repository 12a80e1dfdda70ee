// The day by pointer and by keyboard: one tab stop, arrows between segments, facts in a tooltip.
import { announce, closest } from "./dom";
import { markOf } from "./marks";
import { visit } from "./navigation";

const SVG = "http://www.w3.org/2000/svg";

type Segment = SVGGraphicsElement & { dataset: DOMStringMap };

function lanes(timeline: Element): Segment[][] {
  return [...timeline.querySelectorAll("[data-lane]")]
    .map((lane) => [...lane.querySelectorAll<Segment>(".nz-seg")])
    .filter((lane) => lane.length > 0);
}

function middle(segment: Element): number {
  const box = segment.getBoundingClientRect();
  return box.left + box.width / 2;
}

function nearest(lane: Segment[], x: number): Segment | undefined {
  const away = (segment: Segment) => {
    const box = segment.getBoundingClientRect();
    return x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
  };
  return lane.reduce<Segment | undefined>((best, each) => (!best || away(each) < away(best) ? each : best), undefined);
}

function current(timeline: Element): Segment | null {
  return timeline.querySelector<Segment>(".nz-seg[data-current]");
}

function leave(timeline: Element): void {
  current(timeline)?.removeAttribute("data-current");
  timeline.querySelector(".nz-seg-current")?.remove();
  timeline.querySelector(".nz-tip")?.remove();
}

function outline(segment: Segment): void {
  const shape = segment.firstElementChild;
  const plot = segment.ownerSVGElement;
  if (!shape || !plot) return;
  const box = shape.getBoundingClientRect();
  const origin = plot.getBoundingClientRect();
  const rect = document.createElementNS(SVG, "rect");
  rect.setAttribute("class", "nz-seg-current");
  rect.setAttribute("x", String(box.left - origin.left - 1));
  rect.setAttribute("y", String(box.top - origin.top - 1));
  rect.setAttribute("width", String(box.width + 2));
  rect.setAttribute("height", String(box.height + 2));
  rect.setAttribute("rx", "3");
  plot.append(rect);
}

function cell(tag: string, className: string, text: string): HTMLElement {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function tip(timeline: HTMLElement, segment: Segment): void {
  const { name = "", from = "", to = "", duration = "", detail = "", kind = "" } = segment.dataset;
  const box = cell("div", "nz-tip", "");
  const time = from && to ? `${from}\u2013${to}` : from;
  box.append(markOf(kind), cell("b", "", name), cell("span", "nz-tip-time", time), cell("span", "nz-tip-duration", duration));
  if (detail) box.append(cell("div", "nz-tip-detail", detail));
  timeline.append(box);
  const place = segment.getBoundingClientRect();
  const around = timeline.getBoundingClientRect();
  const left = Math.min(Math.max(place.left - around.left - 4, 8), around.width - box.offsetWidth - 8);
  box.style.left = `${Math.max(left, 8)}px`;
  box.style.top = `${place.bottom - around.top + 9}px`;
}

function select(timeline: HTMLElement, segment: Segment, speak: boolean): void {
  if (current(timeline) === segment) return;
  leave(timeline);
  segment.setAttribute("data-current", "");
  outline(segment);
  tip(timeline, segment);
  const { name = "", from = "", to = "", duration = "", detail = "" } = segment.dataset;
  if (speak) announce([name, to ? `${from}\u2013${to}` : from, duration, detail].filter(Boolean).join(", "));
}

function open(segment: Segment | null): boolean {
  if (!segment?.dataset.href) return false;
  visit(segment.dataset.href);
  return true;
}

function zoom(timeline: Element, direction: "in" | "out"): boolean {
  const link = timeline.closest(".nz-panel")?.querySelector<HTMLElement>(`[data-zoom-${direction}]`);
  link?.click();
  return Boolean(link);
}

/** The segment an arrow key leads to. */
function step(timeline: Element, key: string): Segment | undefined {
  const all = lanes(timeline);
  const here = current(timeline);
  const row = here ? all.findIndex((lane) => lane.includes(here)) : -1;
  const lane = all[row];
  if (!here || !lane) return all[0]?.[0];
  const at = lane.indexOf(here);
  switch (key) {
    case "ArrowLeft": return lane[Math.max(at - 1, 0)];
    case "ArrowRight": return lane[Math.min(at + 1, lane.length - 1)];
    case "ArrowUp": return row > 0 ? nearest(all[row - 1]!, middle(here)) : here;
    case "ArrowDown": return row < all.length - 1 ? nearest(all[row + 1]!, middle(here)) : here;
    case "Home": return lane[0];
    case "End": return lane[lane.length - 1];
    default: return undefined;
  }
}

function onKey(event: KeyboardEvent): void {
  const timeline = closest(event, "[data-timeline]");
  if (!timeline || event.target !== timeline || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = /^(Arrow|Home|End)/.test(event.key) ? step(timeline, event.key) : undefined;
  const done =
    (next && (select(timeline, next, true), true)) ||
    (event.key === "Enter" && open(current(timeline))) ||
    (event.key === "+" && zoom(timeline, "in")) ||
    (event.key === "-" && zoom(timeline, "out")) ||
    (event.key === "Escape" && current(timeline) && (leave(timeline), true));
  if (done) event.preventDefault();
}

export function startTimeline(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const timeline = closest(event, "[data-timeline]");
    const segment = closest<Segment>(event, ".nz-seg");
    if (timeline && segment) select(timeline, segment, false);
    else if (timeline && !timeline.matches(":focus")) leave(timeline);
  });
  document.addEventListener("click", (event) => {
    const timeline = closest(event, "[data-timeline]");
    const segment = closest<Segment>(event, ".nz-seg");
    if (!timeline || !segment) return;
    // By touch the first press shows the facts, the second opens the record.
    const touched = (event as PointerEvent).pointerType === "touch" && current(timeline) !== segment;
    if (touched) select(timeline, segment, true);
    else open(segment);
  });
  document.addEventListener("focusout", (event) => {
    const timeline = closest(event, "[data-timeline]");
    if (timeline) leave(timeline);
  });
  document.addEventListener("pointerout", (event) => {
    const timeline = closest(event, "[data-timeline]");
    const inside = event.relatedTarget instanceof Node && timeline?.contains(event.relatedTarget);
    if (timeline && !inside && !timeline.matches(":focus")) leave(timeline);
  });
}
