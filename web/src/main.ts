import { Idiomorph } from "idiomorph/htmx";
import "htmx-ext-sse";
import { startClock } from "./clock";
import { startCopy } from "./copy";
import { startDesk } from "./desk";
import { startDialogs } from "./dialogs";
import { startErrors } from "./errors";
import { startForms } from "./forms";
import { startHold } from "./hold";
import { startMenus } from "./menus";
import { startMinimap } from "./minimap";
import { startNavigation } from "./navigation";
import { startPicks } from "./picks";
import { startPrint } from "./print";
import { startShortcuts } from "./shortcuts";
import { startStreams } from "./streams";
import { startTheme } from "./theme";
import { startTimeline } from "./timeline";
import { startToasts } from "./toasts";

document.documentElement.classList.add("nz-script");
// What somebody is typing is never overwritten by an answer that comes late. Only fields: the content of a button
// that has the focus must follow, or the next page shows the words of the last one.
document.addEventListener("htmx:beforeSwap", () => {
  Idiomorph.defaults.ignoreActiveValue = document.activeElement?.matches("input, textarea, select") ?? false;
});

startNavigation();
startErrors();
startStreams();
startDialogs();
startToasts();
startMenus();
startTheme();
startShortcuts();
startForms();
startPicks();
startPrint();
startCopy();
startClock();
startTimeline();
startMinimap();
startHold();
startDesk();
