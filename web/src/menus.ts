// <details class="nz-menu"> closes on Escape, on a choice and on a press elsewhere.
import { closest } from "./dom";

function closeAll(except: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.nz-menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    const chosen = closest(event, ".nz-menu-item");
    closeAll(chosen ? null : closest(event, "details.nz-menu"));
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" ? closest<HTMLDetailsElement>(event, "details.nz-menu[open]") : null;
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}
