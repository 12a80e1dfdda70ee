// A button with data-copy="#id" puts the text of that element on the clipboard.
import { announce, closest } from "./dom";

async function copy(button: HTMLElement): Promise<void> {
  const source = document.querySelector<HTMLElement>(button.dataset.copy ?? "");
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent?.trim() ?? "");
    const word = button.querySelector<HTMLElement>("[data-copy-word]") ?? button;
    word.textContent = button.dataset.copied ?? word.textContent;
    announce(button.dataset.copied ?? "");
  } catch {
    // Without the permission the text is at least selected.
    getSelection()?.selectAllChildren(source);
  }
}

export function startCopy(): void {
  document.addEventListener("click", (event) => {
    const button = closest(event, "[data-copy]");
    if (button) void copy(button);
  });
}
