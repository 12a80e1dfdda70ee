// Opens <dialog> elements; the browser traps the focus and gives it back.
import { byId, closest, onContent } from "./dom";
import { isBoosted } from "./navigation";

let opener: HTMLElement | null = null;

function show(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  dialog.showModal();
  dialog.querySelector<HTMLElement>("[data-safe]")?.focus();
}

function closed(dialog: HTMLDialogElement): void {
  const back = opener?.isConnected ? opener : document.querySelector<HTMLElement>("#app h1");
  opener = null;
  if (back && !document.querySelector("dialog[open]")) back.focus();
  if (dialog.hasAttribute("data-dialog-auto")) dialog.remove();
}

/** Whether the last press began on the backdrop: one that began on a button may end there, when the dialog has changed. */
let isBeside = false;

function onPress(event: PointerEvent): void {
  const dialog = closest<HTMLDialogElement>(event, "dialog");
  const { left, right, top, bottom } = dialog?.getBoundingClientRect() ?? new DOMRect();
  const { clientX, clientY } = event;
  isBeside = event.target === dialog && (clientX < left || clientX > right || clientY < top || clientY > bottom);
}

function onClick(event: MouseEvent): void {
  const trigger = closest(event, "[data-dialog]");
  const dialog = trigger && byId(trigger.dataset.dialog ?? "");
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    show(dialog);
    return;
  }
  const around = closest<HTMLDialogElement>(event, "dialog");
  if (around && ((event.target === around && isBeside) || closest(event, "[data-dialog-close]"))) {
    event.preventDefault();
    around.close();
  }
}

export function startDialogs(): void {
  document.addEventListener("pointerdown", onPress);
  document.addEventListener("click", onClick);
  document.addEventListener("close", (event) => {
    if (event.target instanceof HTMLDialogElement) closed(event.target);
  }, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<Parameters<typeof isBoosted>[0]>).detail;
    if (!isBoosted(detail) || !detail.shouldSwap) return;
    for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
  });
  onContent((root) => {
    for (const dialog of root.querySelectorAll<HTMLDialogElement>("dialog[data-dialog-auto]:not([open])")) show(dialog);
  });
}
