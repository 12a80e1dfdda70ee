/** The nearest ancestor of the event's target that matches, or null. */
export function closest<T extends Element = HTMLElement>(event: Event, selector: string): T | null {
  return event.target instanceof Element ? event.target.closest<T>(selector) : null;
}

export function byId(id: string): HTMLElement | null {
  return document.getElementById(id);
}

/** Runs for what is on the page now and again for everything that is swapped in. */
export function onContent(run: (root: ParentNode) => void): void {
  const first = () => run(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", first);
  else first();
  document.addEventListener("htmx:afterSettle", first);
  document.addEventListener("htmx:historyRestore", first);
}

/** Says a sentence to screen readers without moving the focus. */
export function announce(text: string, urgent = false): void {
  const region = byId(urgent ? "nz-alert" : "nz-live");
  if (!region || !text) return;
  region.textContent = "";
  window.setTimeout(() => (region.textContent = text), 60);
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
