// A clock for a screen on the wall, in the time zone of the organization.
export function startClock(): void {
  const tick = (): void => {
    for (const clock of document.querySelectorAll<HTMLElement>("[data-clock]")) {
      const now = new Date();
      const shown = now.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.clock });
      if (clock.textContent !== shown) clock.textContent = shown;
    }
  };
  tick();
  window.setInterval(tick, 1000);
}
