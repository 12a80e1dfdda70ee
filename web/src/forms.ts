// Filters that submit themselves, and the focus on the summary of a refused form.
import { closest, onContent } from "./dom";

const TYPING_MS = 300;
let timer = 0;

function submit(form: HTMLFormElement, wait: number): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => form.requestSubmit(), wait);
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
  onContent((root) => {
    const summary = root.querySelector<HTMLElement>("[data-error-summary]:not([data-seen])");
    if (!summary) return;
    summary.dataset.seen = "";
    summary.tabIndex = -1;
    summary.focus();
  });
}
