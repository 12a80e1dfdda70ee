// The choice lives in a cookie, so that the server renders it and nothing flashes.
import { closest, onContent } from "./dom";

const YEAR_SECONDS = 31_536_000;

function choose(theme: string): void {
  document.cookie = `nz_theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  document.documentElement.dataset.theme = theme;
  mark(document);
  document.dispatchEvent(new CustomEvent("nz-theme"));
}

function mark(root: ParentNode): void {
  const current = document.documentElement.dataset.theme ?? "auto";
  for (const button of root.querySelectorAll<HTMLElement>("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === current));
  }
}

export function startTheme(): void {
  document.addEventListener("click", (event) => {
    const theme = closest(event, "[data-theme-set]")?.dataset.themeSet;
    if (theme) choose(theme);
  });
  onContent(mark);
}
