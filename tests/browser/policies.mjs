// What may be collected of whom, as an HR person would do it, mostly with the keyboard: a first draft, what it would have
// done, publishing it, another version, and the first one again. Gives the addresses of its pages.

export async function policies({ check, problems }, page, base) {
  /// What stands on the page must come to say this.
  async function says(text, where = "main") {
    const wanted = page.locator(where, { hasText: text });
    await wanted.first().waitFor({ timeout: 15_000 }).catch(() => problems.push(`${page.url()} never says ${text}`));
  }

  async function expectUrl(pattern) {
    await page.waitForURL(pattern, { timeout: 15_000 }).catch(() => problems.push(`${page.url()} is not ${pattern}`));
    await page.waitForLoadState("networkidle");
  }

  /// Moves the focus with Tab until it is on what is wanted, as somebody without a mouse does.
  async function tabTo(selector, most = 80) {
    for (let turn = 0; turn < most; turn += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      await page.keyboard.press("Tab");
    }
    problems.push(`${page.url()}: the keyboard does not reach ${selector}`);
  }

  /// The focus must come to be there: scripts move it once the new content is in its place.
  async function focused(where, complaint) {
    await where.and(page.locator(":focus")).waitFor({ timeout: 15_000 }).catch(() => problems.push(complaint));
  }

  /// Waits until the answer to a change in the form is there.
  const looked = () => page.waitForResponse((answer) => answer.request().method() === "POST", { timeout: 15_000 });

  // Nothing yet: what it is for, and the first draft
  await page.goto(`${base}/policies`);
  await says("Everything that comes in is kept");
  await check(page, "policies, none");
  await page.locator("main h1").focus();
  await tabTo('a[href="/policies/new?of=organization"]');
  await page.keyboard.press("Enter");
  await expectUrl(/policies\/new/);
  await check(page, "new policy");
  await tabTo("main form button[type=submit]");
  await page.keyboard.press("Enter");
  await expectUrl(/policies\/\d+$/);
  await says("Draft of version 1");
  await says("This is the first decision.");
  await check(page, "draft of a policy");
  const policy = new URL(page.url()).pathname;

  // Radio buttons by arrows; what changes is said beside the form, and nothing is saved by it
  await page.locator("main h1").focus();
  await tabTo('input[name="windows"]:checked');
  const answered = looked();
  await page.keyboard.press("ArrowRight");
  await answered;
  await says("Full title", ".nz-diff-new");
  await says("Not saved yet", ".nz-save");
  if (!(await page.locator('input[name="windows"][value="title"]').isChecked())) problems.push("the arrow did not choose");
  await focused(page.locator('input[name="windows"]'), "the focus left the radio buttons");

  // An exclusion that cannot be used is told in its place, and everything that was typed stays
  await tabTo('button[value="add"]');
  await page.keyboard.press("Enter");
  await focused(page.locator("#f-text-0"), "a new exclusion has no focus");
  await page.locator('select[name="part"]').selectOption("application");
  await page.locator('select[name="kind"]').selectOption("regex");
  await page.fill("#f-text-0", "(excel");
  await page.locator('label:has(input[name="hours"][value="week"])').click();
  await page.locator("#f-from-5-0").fill("9");
  await page.locator(".nz-save button").click();
  await says("Exclusion 1:", "[data-error-summary]");
  if ((await page.inputValue("#f-text-0")) !== "(excel") problems.push("a refused exclusion was lost");
  if ((await page.inputValue("#f-from-5-0")) !== "9") problems.push("a refused time was lost");
  await focused(page.locator("[data-error-summary]"), "the summary has no focus");
  await check(page, "refused draft of a policy");
  await page.locator('input[name="to-5-0"]').fill("13:00");
  await page.locator('select[name="kind"]').selectOption("words");
  await page.fill("#f-text-0", "excel");
  await page.locator('label:has(input[name="hours"][value=""])').click();

  // On the last week: half of what was seen is Excel, and titles would stay
  await page.locator('button[value="try"]').click();
  await expectUrl(/\/preview$/);
  await page.locator("#result .nz-stats").waitFor({ timeout: 30_000 });
  await says("Application: excel", "#result");
  await check(page, "draft on the last week");
  const stats = await page.locator("#result .nz-stats").innerText();
  if (!/Left out\s+[1-9]/.test(stats)) problems.push(`nothing would be left out: ${stats}`);
  if ((await page.locator("#result .nz-example").count()) > 0) problems.push("examples are shown without being asked for");
  await page.locator("#result a", { hasText: "Show examples" }).click();
  await says("This view is recorded", "#result");
  await says("Karimova Dilnoza", "#result .nz-example");
  await check(page, "draft on the last week, with examples");

  // Published with a reason
  await page.goto(`${base}${policy}/compare`);
  await says("Keep nothing", ".nz-diff-new");
  await page.goto(`${base}${policy}`);
  await page.locator('button[value="publish"]').click();
  await expectUrl(/\/publish$/);
  await check(page, "question before a policy is published");
  await page.fill("#f-reason", "x");
  await page.locator("main form button[type=submit]").click();
  await says("Write why, in 3 to 500 characters.");
  await page.fill("#f-reason", "agreed with the works council");
  await page.keyboard.press("Tab");
  await tabTo("main form button[type=submit]");
  await page.keyboard.press("Enter");

  // How it gets to the computers; here none has an agent behind a gateway, so that it holds at once
  await expectUrl(/\/rollout$/);
  await says("version 1 in force since");
  await says("No computer is shown here");
  await check(page, "roll-out of a policy");
  await page.locator(".nz-tabs-page a", { hasText: "Versions" }).click();
  await expectUrl(/\/versions$/);
  await says("agreed with the works council");

  // Another version, and the first one again
  await page.goto(`${base}${policy}`);
  await page.locator('label:has(input[name="windows"][value="off"])').click();
  await says("Less is collected than before: Windows.");
  await page.locator('button[value="publish"]').click();
  await expectUrl(/\/publish$/);
  await page.fill("#f-reason", "less is enough");
  if (!(await page.locator('input[name="how"][value="staged"]').isChecked())) problems.push("a few computers are not the first");
  await page.locator("main form button[type=submit]").click();
  await expectUrl(/\/rollout$/);
  await page.goto(`${base}${policy}/compare?from=1&to=2`);
  await says("Full title", ".nz-diff-old");
  await page.goto(`${base}${policy}/versions`);
  const back = page.locator("a", { hasText: "Bring back" });
  await back.first().focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]", { hasText: "Bring version 1 back?" }).waitFor();
  await check(page, "question before a version is brought back");
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await focused(back.first(), "the dialog did not give the focus back");
  await page.keyboard.press("Enter");
  await page.locator("dialog[open] #f-reason").fill("titles are needed after all");
  await page.locator("dialog[open] button[type=submit]").click();
  await says("settings of version 1");
  await check(page, "versions of a policy");

  // A draft that stays, so that every page has something to show
  await page.goto(`${base}${policy}`);
  await page.locator('label:has(input[name="sites"][value="path"])').click();
  await page.locator('label:has(input[name="hours"][value="week"])').click();
  await page.locator('label:has(input[name="screenshots"][value="regular"])').click();
  await page.locator(".nz-save button").click();
  await says("Draft saved by malika");
  await page.goto(`${base}/people`);
  return ["/policies", "/policies/new", policy, `${policy}/rollout`, `${policy}/versions`, `${policy}/compare?from=0&to=2`, `${policy}/people`,
    `${policy}/publish`, `${policy}/preview/result`, `${policy}/discard`];
}
