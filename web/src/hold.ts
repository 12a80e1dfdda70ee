// Buttons that do something at a door: they are held for a second, with the pointer or with Enter, or pressed twice within
// three seconds. Whoever lets go earlier has done nothing.
import { announce, closest } from "./dom";

const HOLD_MS = 1000;
const AGAIN_MS = 3000;

let timer = 0;
let held: HTMLButtonElement | null = null;
let pressed: { button: HTMLButtonElement; at: number } | null = null;

function hint(button: HTMLButtonElement, text: string | undefined): void {
  announce(text ?? "");
  const word = button.querySelector("span");
  if (!word || !text) return;
  button.dataset.word ??= word.textContent ?? "";
  word.textContent = text;
  window.setTimeout(() => {
    if (word.textContent === text) word.textContent = button.dataset.word ?? text;
  }, AGAIN_MS);
}

function send(button: HTMLButtonElement): void {
  letGo();
  pressed = null;
  button.form?.requestSubmit();
}

function letGo(): void {
  window.clearTimeout(timer);
  held?.classList.remove("nz-holding");
  held = null;
}

function hold(button: HTMLButtonElement): void {
  letGo();
  // Without a reason there is nothing to wait for: the form says what is missing.
  if (button.form && !button.form.checkValidity()) return;
  held = button;
  button.classList.add("nz-holding");
  timer = window.setTimeout(() => send(button), HOLD_MS);
}

/** A press of the keyboard or of a screen reader: the second one within three seconds counts. */
function press(button: HTMLButtonElement): void {
  if (button.form && !button.form.reportValidity()) return;
  const now = performance.now();
  if (pressed?.button === button && now - pressed.at < AGAIN_MS) {
    send(button);
    return;
  }
  pressed = { button, at: now };
  hint(button, button.dataset.holdAgain);
}

export function startHold(): void {
  document.addEventListener("pointerdown", (event) => {
    const button = closest<HTMLButtonElement>(event, "button[data-hold]");
    if (button && event.button === 0) hold(button);
  });
  for (const name of ["pointerup", "pointercancel", "blur"]) window.addEventListener(name, letGo);
  document.addEventListener("pointerout", (event) => {
    if (held && !(event.relatedTarget instanceof Node && held.contains(event.relatedTarget))) letGo();
  });
  document.addEventListener("keydown", (event) => {
    const button = closest<HTMLButtonElement>(event, "button[data-hold]");
    if (!button || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (event.repeat) return;
    press(button);
    if (pressed?.button === button) hold(button);
  });
  document.addEventListener("keyup", (event) => {
    const button = closest<HTMLButtonElement>(event, "button[data-hold]");
    if (!button || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    letGo();
  });
  document.addEventListener("click", (event) => {
    const button = closest<HTMLButtonElement>(event, "button[data-hold]");
    if (!button) return;
    event.preventDefault();
    // A screen reader presses without a pointer; a finger that was too short is told how.
    if (event.detail === 0 && !(event instanceof PointerEvent && event.pointerType)) press(button);
    else if (button.form?.reportValidity()) hint(button, button.dataset.holdHint);
  });
  // The button goes with its form: whoever has pressed it goes on at the way out.
  document.addEventListener("htmx:afterSettle", () => {
    const answer = document.querySelector<HTMLElement>("dialog[open] div#opening");
    if (!answer || document.activeElement?.matches("dialog *")) return;
    answer.closest("dialog")?.querySelector<HTMLElement>("[data-dialog-close]")?.focus();
  });
  // Enter in a field beside it is no press of the button.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    const button = event.target.form?.querySelector<HTMLButtonElement>("button[data-hold]");
    if (!button) return;
    event.preventDefault();
    button.focus();
  });
}
