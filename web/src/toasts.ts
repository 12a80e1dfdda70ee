// Short confirmations at the bottom left: from a header of the answer, or rendered into the page.
import { announce, byId, onContent } from "./dom";

interface Toast {
  text: string;
  href?: string;
  link?: string;
}

const STAY_MS = 6000;

function leaveLater(toast: HTMLElement): void {
  let timer = window.setTimeout(() => toast.remove(), STAY_MS);
  const hold = () => window.clearTimeout(timer);
  const go = () => (timer = window.setTimeout(() => toast.remove(), STAY_MS));
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
}

function show(toast: Toast): void {
  const box = document.createElement("div");
  box.className = "nz-toast";
  box.append(Object.assign(document.createElement("span"), { textContent: toast.text }));
  if (toast.href && toast.link) {
    box.append(Object.assign(document.createElement("a"), { href: toast.href, textContent: toast.link }));
  }
  byId("nz-toasts")?.append(box);
  announce(toast.text);
  leaveLater(box);
}

export function startToasts(): void {
  document.addEventListener("nz-toast", (event) => {
    const detail: unknown = (event as CustomEvent).detail;
    if (detail && typeof (detail as Toast).text === "string") show(detail as Toast);
  });
  onContent((root) => {
    for (const flash of root.querySelectorAll<HTMLElement>("[data-flash]")) {
      const link = flash.querySelector("a");
      const text = flash.querySelector("span")?.textContent ?? "";
      show({ text, href: link?.getAttribute("href") ?? undefined, link: link?.textContent ?? undefined });
      flash.remove();
    }
  });
}
