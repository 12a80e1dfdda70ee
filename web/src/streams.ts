interface Configured {
  headers: Record<string, string>;
  triggeringEvent?: Event;
}

// An event stream ends with the element that opened it, also when a morph took the element away.
const open = new Map<EventSource, Element>();

export function startStreams(): void {
  document.addEventListener("htmx:sseOpen", (event) => {
    const source = (event as CustomEvent<{ source?: EventSource }>).detail.source;
    if (source && event.target instanceof Element) open.set(source, event.target);
  });
  // What a page fetches because it was told of a change is no visit of a person: an open page must not keep its session
  // from ending.
  document.addEventListener("htmx:configRequest", (event) => {
    const { headers, triggeringEvent } = (event as CustomEvent<Configured>).detail;
    if (triggeringEvent?.type.startsWith("sse:")) headers["Nazorat-Background"] = "1";
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const [source, element] of open) {
      if (element.isConnected && element.hasAttribute("sse-connect")) continue;
      source.close();
      open.delete(source);
    }
  });
}
