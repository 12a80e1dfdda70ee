// Boosted links and forms swap #app as a whole; what is the same in both pages stays in place.
import htmx from "htmx.org";
import { announce, byId } from "./dom";

interface Swap {
  boosted?: boolean;
  requestConfig?: { boosted?: boolean };
  target: Element;
  shouldSwap: boolean;
  selectOverride?: string;
  swapOverride?: string;
  xhr: XMLHttpRequest;
}

let pathBefore = location.pathname;

export function isBoosted(detail: Swap): boolean {
  return Boolean(detail.boosted ?? detail.requestConfig?.boosted);
}

/** Follows an address the way a boosted link does. */
export function visit(href: string): void {
  // The link stays until the next visit: the events of its request bubble through it.
  byId("nz-visit")?.remove();
  const link = Object.assign(document.createElement("a"), { id: "nz-visit", href, hidden: true });
  document.body.append(link);
  htmx.process(link);
  link.click();
}

function busy(on: boolean): void {
  const app = byId("app");
  if (on) app?.setAttribute("aria-busy", "true");
  else app?.removeAttribute("aria-busy");
}

function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>("#app h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function settled(): void {
  busy(false);
  const moved = pathBefore !== location.pathname;
  pathBefore = location.pathname;
  if (moved) {
    focusHeading();
    window.scrollTo(0, 0);
  }
  announce(document.querySelector<HTMLElement>("#app [data-announce]")?.dataset.announce ?? "");
}

export function startNavigation(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isBoosted((event as CustomEvent<Swap>).detail)) busy(true);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<Swap>).detail;
    const app = byId("app");
    if (!isBoosted(detail) || !app) return;
    detail.target = app;
    detail.selectOverride = "#app";
    detail.swapOverride = "morph:outerHTML show:none";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (isBoosted((event as CustomEvent<Swap>).detail)) settled();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (isBoosted((event as CustomEvent<Swap>).detail)) busy(false);
  });
  document.addEventListener("htmx:historyRestore", () => settled());
}
