// The doors of a branch, as an administrator sets them up and a guard works with them: a gate, a terminal (ours, which acts
// as one of Hikvision) added step by step, its page that says whether it answers, passes as they come, and a door that is
// opened with the keyboard and with the pointer; then who may pass (passing.mjs). Gives the addresses of its pages.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { passing } from "./passing.mjs";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/// A port that was free a moment ago.
const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

export async function doors({ check, problems }, page, base, program) {
  const submit = async () => {
    const before = page.url();
    await page.locator("main form button[type=submit].nz-btn-primary").last().click();
    await page.waitForURL((url) => String(url) !== before, { timeout: 15_000 });
    await page.waitForLoadState("load");
  };

  // Before anything is there
  await page.goto(`${base}/devices`);
  await check(page, "devices, none");
  await page.goto(`${base}/gates`);
  await check(page, "gates, none");
  await page.goto(`${base}/doors`);
  await check(page, "doors, none");
  await page.goto(`${base}/doors/desk`);
  await check(page, "the guard's desk, nothing yet");

  // A gate
  await page.goto(`${base}/gates/new`);
  await page.fill("#f-name", "Main entrance");
  await page.locator('input[name="passing"][value="by_device"]').check();
  await page.locator('input[name="opens_from_afar"]').check();
  await check(page, "new gate");
  await submit();

  // This machine is no place of a device, until somebody says so
  const folder = mkdtempSync(join(tmpdir(), "terminal-"));
  const password = join(folder, "password");
  writeFileSync(password, "Walk-Pass-7\n", { mode: 0o600 });
  const port = await freePort();
  const terminal = spawn(program, ["simulate", "hikvision", "--listen", `127.0.0.1:${port}`, "--data-dir", join(folder, "data"),
    "--events-per-minute", "30", "--user", "gateway", "--password-file", password], { stdio: "ignore" });
  try {
    await page.goto(`${base}/devices/new`);
    await check(page, "add a device: its kind");
    await page.locator('input[name="kind"][value="hikvision"]').check();
    await submit();
    const fill = async () => {
      await page.fill("#f-name", "Entrance terminal");
      await page.fill("#f-host", "127.0.0.1");
      await page.fill("#f-s-port", String(port));
      await page.fill("#f-s-user", "gateway");
      await page.fill("#f-s-password", "Walk-Pass-7");
    };
    await fill();
    await check(page, "add a device: where it is");
    await page.locator("main form button[type=submit].nz-btn-primary").click();
    await page.locator("#e-host").waitFor();
    if ((await page.locator("#f-s-password").inputValue()) !== "") problems.push("a password came back");
    await check(page, "add a device: refused");
    await page.goto(`${base}/devices/networks`);
    await page.fill("#f-networks", "127.0.0.0/8");
    await check(page, "networks of devices");
    await submit();
    await page.goto(`${base}/devices/new?kind=hikvision`);
    await fill();
    await submit();
    await page.waitForURL(/\/devices\/\d+\/doors/);
    await page.locator("#f-gate-1").selectOption({ label: "Main entrance" });
    await check(page, "add a device: its doors");
    await submit();

    // Its page says by itself that it answers
    const device = new URL(page.url()).pathname;
    await page.locator(".nz-sign", { hasText: "Last contact" }).locator(".nz-light-ok").waitFor({ timeout: 60_000 });
    await check(page, "a device that answers");
    await page.locator(`form[action="${device}/probe"] button`).click();
    await page.locator("#orders tr", { hasText: "Test the connection" }).getByText(/done/).waitFor({ timeout: 30_000 });
    await check(page, "a device that was tested");

    // Passes come to the desk by themselves
    await page.goto(`${base}/doors/desk`);
    const last = page.locator(".nz-desk-last[data-pass]");
    await last.waitFor({ timeout: 60_000 });
    const first = await last.getAttribute("data-pass");
    await page.locator(`.nz-desk-last[data-pass]:not([data-pass="${first}"])`).waitFor({ timeout: 60_000 });
    await check(page, "the guard's desk");

    // A door opens with the keyboard: the second press counts
    const open = async () => {
      await page.locator(".nz-gate-open").first().click();
      await page.locator("dialog[open] button[data-hold]").waitFor();
    };
    await open();
    await page.keyboard.press("Space");
    await page.locator("dialog[open] button[data-hold]").focus();
    await check(page, "why a door is opened");
    await page.keyboard.press("Enter");
    if ((await page.locator("form#opening").count()) !== 1) problems.push("one press opened a door");
    await page.keyboard.press("Enter");
    await page.locator("div#opening", { hasText: /opened at \d\d:\d\d:\d\d/ }).waitFor({ timeout: 20_000 });
    await check(page, "a door was opened");
    await page.locator("dialog[open] [data-dialog-close]").and(page.locator(":focus")).waitFor({ timeout: 5_000 });
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor({ state: "detached" });

    // With the pointer only when it is held
    await open();
    await page.locator('input[name="why"][value="other"]').check();
    await page.locator('input[name="other"]').fill("The electrician is here");
    const box = await page.locator("button[data-hold]").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.waitForTimeout(300);
    await page.mouse.up();
    if ((await page.locator("form#opening").count()) !== 1) problems.push("a short press opened a door");
    await page.mouse.down();
    await page.locator("div#opening").waitFor({ timeout: 10_000 });
    await page.mouse.up();
    await page.locator("div#opening", { hasText: /opened at/ }).waitFor({ timeout: 20_000 });
    await page.locator("dialog[open] [data-dialog-close]").click();

    // All of it stands in the logs
    await page.goto(`${base}${device}/orders`);
    const orders = await page.locator("main").innerText();
    if (!orders.includes("The electrician is here")) problems.push(`the reason is not among the commands: ${orders}`);
    await page.goto(`${base}/doors`);
    await page.locator("main tbody tr").first().waitFor();
    await page.locator(`main a[href="/doors/desk"]`).waitFor();
    await page.goto(`${base}${device}`);
    await page.locator(`a[href="${device}/reboot"]`).click();
    await page.locator("dialog[open]", { hasText: "Restart Entrance terminal?" }).waitFor();
    await check(page, "question before a device restarts");
    await page.locator("dialog[open] [data-safe]").click();
    const people = await passing({ check, problems }, page, base, device);
    return [...people, "/devices", "/devices/new", "/devices/new?kind=hikvision", "/devices/new?kind=zkteco", "/devices/new?kind=zkteco_push",
      "/devices/networks", device, `${device}/edit`, `${device}/doors`, `${device}/orders`, `${device}/read-log`,
      `${device}/remove`, "/gates", "/gates/new", "/gates/1", "/doors", "/doors?outcome=refused", "/doors/desk",
      `/doors/open?device=${device.split("/").pop()}&door=1`];
  } catch (problem) {
    problems.push(`the doors do not work at ${page.url()}: ${problem.message}`);
    return ["/devices", "/gates", "/doors", "/doors/desk"];
  } finally {
    terminal.kill();
  }
}
