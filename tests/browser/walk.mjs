// Walks through the appliance as an HR person would, in a real Chromium: first run, an API key, a person, an account that
// appears by itself and is linked, the person's day, another language; then every page is looked at by the accessibility
// rules, wide and narrow, light and dark. Prints one JSON document; whatever stands in `problems` fails the test.
import { spawn } from "node:child_process";
import { start } from "./look.mjs";
import { doors } from "./doors.mjs";
import { policies } from "./policies.mjs";

const [setup, base, executablePath, program, folder] = process.argv.slice(2);
const look = await start(base, executablePath);
const { browser, open, check, problems, visited } = look;

async function submit(page) {
  await Promise.all([page.waitForLoadState("load"), page.locator("main button[type=submit].nz-btn-primary").last().click()]);
  await page.waitForLoadState("networkidle");
}

const page = await open({ locale: "en-US" });

// First run
await page.goto(setup);
await check(page, "setup: kind");
await page.locator('input[value="gateway"]').check();
await submit(page);
await page.locator("#f-join").waitFor();
await check(page, "setup: join as a gateway");
await page.goto(setup);
await page.locator('input[value="new"]').check();
await submit(page);
await page.fill("#f-name", "Zarafshon Savdo");
await page.locator("#f-language").selectOption("en");
// A zone in which it is about noon, so that the last hour belongs to today whenever this runs; the signs of these zones
// are those of POSIX.
const ahead = 12 - new Date().getUTCHours();
await page.fill("#f-zone", ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`);
await check(page, "setup: organization");
await submit(page);
await check(page, "setup: retention");
await submit(page);
await page.fill("#f-display_name", "Malika Yusupova");
await page.fill("#f-login", "malika");
await page.fill("#f-password", "correct horse battery");
await page.fill("#f-password_again", "correct horse battery");
await check(page, "setup: login");
await submit(page);
await page.goto(`${base}/`);
await check(page, "overview, empty");

// An API key, and what an agent sends with it
await page.goto(`${base}/api-keys/new`);
await page.fill("#f-name", "Accounting");
await submit(page);
const key = (await page.locator(".nz-secret-value").first().innerText()).trim();
await check(page, "API key, shown once");
const now = Date.now();
const events = [];
for (let minute = 50; minute > 0; minute -= 5) {
  const ts = new Date(now - minute * 60_000).toISOString();
  const who = { computer_uid: "BUX-04", user_name: "OFIS\\dilnoza", ts, duration_ms: 300_000 };
  events.push({ kind: "active_window", app: minute % 2 ? "Excel" : "Chrome", title: "Hisobot", ...who });
  events.push({ kind: "input_activity", state: "active", ...who });
}
const sent = await page.context().request.post(`${base}/v2/ingest/logs`, {
  headers: { "X-API-Key": key, "Idempotency-Key": "walk-1" },
  data: { batch_id: "walk-1", events },
});
const answer = await sent.json();
if (answer.accepted !== events.length) problems.push(`ingest answered ${JSON.stringify(answer)}`);

// A gateway, its token, and a box that joins while the page with the token is open
await page.goto(`${base}/gateways`);
await check(page, "gateways, none");
await page.goto(`${base}/gateways/new`);
await page.fill("#f-name", "Chilonzor");
await page.fill("#f-server", base);
await check(page, "new gateway");
await submit(page);
const token = (await page.locator("#token").innerText()).trim();
const modules = await page.locator(".nz-qr path").getAttribute("d");
if (!token.startsWith("nzj_") || modules.length < 1000) problems.push(`the token is ${token}, its square ${modules}`);
await check(page, "token of a gateway, shown once");
const command = (await page.locator("#command").innerText()).trim().split(" ").slice(1);
const box = spawn(program, [...command, "--data-dir", folder], {
  env: { ...process.env, NAZORAT_GATEWAY__LISTEN: "127.0.0.1:0" },
  stdio: "ignore",
});
try {
  await page.locator("#joining.nz-banner-ok").waitFor({ timeout: 60_000 });
  await check(page, "token of a gateway that has joined");
  await page.locator("#joining a").click();
  // Both pages have the same heading.
  await page.waitForURL(/\/gateways\/[0-9a-f-]{36}$/);
} catch (problem) {
  problems.push(`the page with the token does not show that the box has joined: ${problem.message}`);
}

// The box is heard, does what it is asked, and the open page shows it by itself
const gateway = new URL(page.url()).pathname;
let asked = gateway;
let atDoors = [];
try {
  const contact = page.locator(".nz-sign", { hasText: "Last contact" });
  await contact.locator(".nz-light-ok").waitFor({ timeout: 60_000 });
  await page.locator(`form[action="${gateway}/ping"] button`).click();
  await page.locator("tr", { hasText: "Test the line" }).getByText(/done/).waitFor({ timeout: 30_000 });
  await check(page, "a gateway that is heard");
  await page.locator(`form[action="${gateway}/diagnostics"] button`).click();
  await page.locator(".nz-log").first().waitFor({ timeout: 30_000 });
  await page.locator("h1", { hasText: "Collect diagnostics" }).waitFor();
  asked = new URL(page.url()).pathname;
  await check(page, "what a command brought");
  await page.goto(`${base}${gateway}`);
  await page.locator(`a[href="${gateway}/restart"]`).click();
  await page.locator("dialog[open]", { hasText: "Restart Chilonzor?" }).waitFor();
  await page.locator("dialog[open] [data-safe]").click();
  atDoors = await doors(look, page, base, program);
} catch (problem) {
  problems.push(`the gateway is not seen to work: ${problem.message}`);
} finally {
  box.kill();
}
await page.goto(`${base}${gateway}`);
await check(page, "a gateway");
await page.locator(`a[href="${gateway}/suspend"]`).click();
await page.locator("dialog[open]").waitFor();
await check(page, "question before a gateway is suspended");
await page.locator("dialog[open] .nz-btn-danger").click();
await page.locator(".nz-panel-head", { hasText: "suspended" }).waitFor();

// A person, and the account that appeared by itself
await page.goto(`${base}/people/new`);
await page.fill("#f-surname", "Karimova");
await page.fill("#f-given_name", "Dilnoza");
await check(page, "new person");
await submit(page);
let linked = false;
for (let turn = 0; turn < 40 && !linked; turn += 1) {
  await page.goto(`${base}/unassigned`);
  linked = (await page.locator('a[href^="/computer-users/"]').count()) > 0;
  if (!linked) await page.waitForTimeout(250);
}
if (!linked) problems.push("the account never appeared as not linked");
await check(page, "not linked yet");
await page.locator('a[href^="/computer-users/"]').first().click();
await page.waitForLoadState("networkidle");
if ((await page.locator('input[name="employee"]').count()) === 0) {
  await page.locator('main input[name="q"]').fill("Karimova");
  await page.waitForURL(/q=Karimova/);
  await page.waitForLoadState("networkidle");
}
await page.locator('input[name="employee"]').first().check();
await page.fill("#f-from", new Date(now - 86_400_000).toISOString().slice(0, 16));
await check(page, "link form");
await submit(page);

// The day
await page.goto(`${base}/people`);
await page.locator('main a[href^="/people/"]', { hasText: "Karimova" }).first().click();
await page.waitForLoadState("networkidle");
const segments = await page.locator('[data-lane="applications"] .nz-seg').count();
if (segments < 2) problems.push(`the day has ${segments} segments`);
const used = await page.locator(".nz-stats").innerText();
if (!used.includes("50\u00a0min") && !used.includes("50 min")) problems.push(`the day does not say 50 min in use: ${used}`);
await page.locator("[data-timeline]").first().focus();
await page.keyboard.press("ArrowRight");
const person = new URL(page.url()).pathname;
await check(page, "person's day");

// What may be collected of her
const policy = await policies(look, page, base);

// Languages
const titles = {};
for (const language of ["uz", "ru", "en"]) {
  await page.context().request.post(`${base}/language`, { form: { language, next: "/people" }, headers: { origin: base } });
  await page.goto(`${base}/people`);
  titles[language] = await page.locator("h1").innerText();
  if ((await page.getAttribute("html", "lang")) !== language) problems.push(`the page is not in ${language}`);
}
if (new Set(Object.values(titles)).size !== 3) problems.push(`headings do not follow the language: ${JSON.stringify(titles)}`);

// Every page of the menu
await page.goto(`${base}/people`);
const menu = await page.locator(".nz-side nav a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
const pages = [...new Set([...menu, person, `${person}?zoom=4h`, `${person}/table`, "/account", "/operators/new", "/departments/new",
  `${person}/collected`, "/people/notices", "/categories/groups/new",
  "/people/import", "/categories", "/computers", "/gateways/new", gateway, `${gateway}?range=month`,
  `${gateway}/table`, `${gateway}/agents`, `${gateway}/commands`, `${gateway}/log-level`, `${gateway}/restart`, asked,
  ...policy, ...atDoors, "/alerts", "/alerts?show=over", `${gateway}/replace`, `${gateway}/rename`, `${gateway}/revoke`])];
const state = await page.context().storageState();
for (const [name, options] of [
  ["wide", { viewport: { width: 1440, height: 900 } }],
  ["narrow, dark", { viewport: { width: 360, height: 800 }, colorScheme: "dark" }],
]) {
  const shown = await open({ ...options, storageState: state });
  for (const path of pages) {
    const answered = await shown.goto(`${base}${path}`);
    if (answered.status() !== 200) problems.push(`${path} was answered with ${answered.status()}`);
    await check(shown, `${path} (${name})`);
  }
  await shown.context().close();
}

// The longest words, where there is the least room
const narrow = await open({ viewport: { width: 360, height: 800 }, storageState: state });
for (const language of ["uz", "ru"]) {
  await narrow.context().request.post(`${base}/language`, { form: { language, next: "/people" }, headers: { origin: base } });
  for (const path of ["/gateways", gateway, `${gateway}/replace`, `${gateway}/commands`, `${gateway}/log-level`, asked, "/alerts",
    ...policy, ...atDoors]) {
    await narrow.goto(`${base}${path}`);
    await check(narrow, `${path} (narrow, ${language})`);
  }
}
await narrow.context().close();

console.log(JSON.stringify({ visited: visited.length, titles, problems }, null, 2));
await browser.close();
process.exit(problems.length === 0 ? 0 : 1);
