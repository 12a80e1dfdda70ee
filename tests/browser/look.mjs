// A real Chromium whose pages are watched: what its console says, whom it asks, and whether the accessibility rules are
// kept. Whatever is found stands in `problems`.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export async function start(base, executablePath) {
  const problems = [];
  const visited = [];
  const browser = await chromium.launch({
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", "--no-first-run"],
  });

  /// A page whose console and requests are watched.
  async function open(options) {
    // Without fading, so that the rules never measure a colour on its way.
    const calm = { ignoreHTTPSErrors: true, reducedMotion: "reduce", viewport: { width: 1280, height: 900 } };
    const context = await browser.newContext({ ...calm, ...options });
    const page = await context.newPage();
    page.on("console", (message) => {
      // A form that is refused is answered with 422, which is how it should be.
      const refused = message.text().includes("status of 422");
      // A look at a form ends when the form is sent; htmx calls that an error of two kinds.
      const ended = /^htmx:(sendAbort|afterRequest), /.test(message.text());
      if (message.type() === "error" && !refused && !ended) problems.push(`console at ${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`script at ${page.url()}: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.host !== new URL(base).host) problems.push(`request to another host: ${url.host}`);
    });
    return page;
  }

  /// Serious and critical findings of the accessibility rules. The rules run in a world of their own, past the page's policy.
  async function check(page, name) {
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send("Page.getFrameTree");
    const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
    await session.send("Runtime.evaluate", { expression: axe, contextId: executionContextId });
    const { result } = await session.send("Runtime.evaluate", {
      expression: `axe.run(document, { resultTypes: ["violations"] }).then((found) => JSON.stringify(found.violations
        .filter((one) => ["serious", "critical"].includes(one.impact))
        .map((one) => ({ id: one.id, nodes: one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) }))))`,
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true,
    });
    await session.detach();
    for (const found of JSON.parse(result.value)) problems.push(`${name}: ${found.id}: ${found.nodes.join(" | ")}`);
    const text = await page.locator("body").innerText();
    if (text.includes("\u2753")) problems.push(`${name}: a text is missing: ${text.match(/\u2753\S+/)[0]}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 1) problems.push(`${name}: ${wide} px wider than the window`);
    visited.push(name);
  }

  return { browser, open, check, problems, visited };
}
