// A failed request leaves a sentence with a next step where its answer would have been.
import htmx from "htmx.org";
import { announce, byId } from "./dom";
import { isBoosted } from "./navigation";

interface Failure {
  boosted?: boolean;
  elt: Element;
  target: Element;
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
  isError: boolean;
  requestConfig: { verb: string; path: string; boosted?: boolean };
}

function toSignIn(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** The stable code of a problem document, or the status. */
function codeOf(xhr: XMLHttpRequest): string {
  try {
    const code: unknown = JSON.parse(xhr.responseText).code;
    if (typeof code === "string") return code;
  } catch {
    // Not a problem document.
  }
  return xhr.status === 0 ? "offline" : String(xhr.status);
}

function errorState(xhr: XMLHttpRequest, again: () => void): HTMLElement | null {
  const template = byId("nz-error-template") as HTMLTemplateElement | null;
  const state = template?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
  if (!state) return null;
  const request = xhr.getResponseHeader("x-request-id") ?? "";
  const note = state.querySelector("[data-slot=code]");
  if (note) note.textContent = note.textContent!.replace("{code}", codeOf(xhr)).replace("{request}", request || "\u2013");
  state.querySelector(xhr.status === 0 ? "[data-slot=server]" : "[data-slot=offline]")?.remove();
  state.querySelector("[data-slot=again]")?.addEventListener("click", again);
  announce(state.querySelector("[data-slot=title]")?.textContent ?? "", true);
  return state;
}

/** Beside the page, for a request that would have replaced all of it. */
function showAbove(state: HTMLElement): void {
  const main = byId("main");
  main?.querySelector("[data-error-above]")?.remove();
  const panel = document.createElement("div");
  panel.className = "nz-panel";
  panel.dataset.errorAbove = "";
  panel.append(state);
  main?.prepend(panel);
  panel.scrollIntoView({ block: "nearest" });
}

/** The same request once more. */
function repeat({ elt, target, requestConfig }: Failure): void {
  if (elt instanceof HTMLFormElement) elt.requestSubmit();
  else if (requestConfig.boosted) location.assign(requestConfig.path);
  else void htmx.ajax(requestConfig.verb as "get", requestConfig.path, { source: elt, target: target as HTMLElement });
}

function fail(detail: Failure): void {
  const state = errorState(detail.xhr, () => repeat(detail));
  if (!state) return;
  if (isBoosted(detail) || !detail.target) showAbove(state);
  else detail.target.replaceChildren(state);
}

export function startErrors(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<Failure>).detail;
    if (detail.xhr.status < 400) return;
    const isPage = isBoosted(detail) && /id="app"/.test(detail.xhr.responseText);
    const isForm = detail.xhr.status === 422;
    if (detail.xhr.status === 401 && !isPage) toSignIn();
    else if (isPage || isForm) {
      // The server wrote the error page or the corrected form itself.
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const detail = (event as CustomEvent<Failure>).detail;
    if (detail.xhr.status !== 401) fail(detail);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => fail((event as CustomEvent<Failure>).detail));
  }
}
