// An event stream ends with the element that opened it, also when a morph took the element away.
const open = new Map<EventSource, Element>();

export function startStreams(): void {
  document.addEventListener("htmx:sseOpen", (event) => {
    const source = (event as CustomEvent<{ source?: EventSource }>).detail.source;
    if (source && event.target instanceof Element) open.set(source, event.target);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const [source, element] of open) {
      if (element.isConnected && element.hasAttribute("sse-connect")) continue;
      source.close();
      open.delete(source);
    }
  });
}
