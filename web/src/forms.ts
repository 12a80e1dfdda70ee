// Filters that submit themselves, forms that look while they are filled in, and the focus on the summary of a refused form.
import { closest, onContent } from "./dom";

const TYPING_MS = 300;
let timer = 0;

function submit(form: HTMLFormElement, wait: number): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => form.requestSubmit(), wait);
}

interface Answered {
  requestConfig?: { elt?: Element };
  shouldSwap: boolean;
}

/**
 * A form that shows what it would do while it is filled in. No look is taken once the form was sent, for its answer would
 * replace what the form was told; and an answer to what was typed a while ago does not undo what was typed since.
 */
function startLooks(): void {
  let unsent = false;
  let edits = 0;
  let looked = 0;
  document.addEventListener("input", () => (edits += 1));
  document.addEventListener("change", () => {
    unsent = true;
    edits += 1;
  });
  document.addEventListener("submit", () => (unsent = false));
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!closest(event, "[data-look]")) return;
    if (unsent) looked = edits;
    else event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<Answered>).detail;
    const look = detail.requestConfig?.elt?.closest("[data-look]");
    if (!look || edits === looked) return;
    detail.shouldSwap = false;
    if (unsent) look.closest("form")?.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

export function startForms(): void {
  document.addEventListener("change", (event) => {
    const form = closest<HTMLFormElement>(event, "form[data-autosubmit]");
    if (form && !(event.target instanceof HTMLInputElement && event.target.type === "search")) submit(form, 0);
  });
  document.addEventListener("input", (event) => {
    const form = closest<HTMLFormElement>(event, "form[data-autosubmit]");
    if (form && event.target instanceof HTMLInputElement && event.target.type === "search") submit(form, TYPING_MS);
  });
  startLooks();
  onContent((root) => {
    const summary = root.querySelector<HTMLElement>("[data-error-summary]:not([data-seen])");
    if (!summary) return;
    summary.dataset.seen = "";
    summary.tabIndex = -1;
    summary.focus();
  });
}
