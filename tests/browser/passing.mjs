// Who may pass where, as an administrator decides it: the first group of an office that has none, a terminal whose people
// are kept in order from then on, and the board that says so by itself. Gives the addresses of its pages.
export async function passing({ check, problems }, page, base, device) {
  const save = async () => {
    await page.locator("main form button[value=save]").click();
    await page.waitForURL(`${base}/access-groups`, { timeout: 15_000 });
  };
  // Somebody on their first day, without a number by which terminals could know them
  await page.goto(`${base}/people/new`);
  await page.fill("#f-surname", "Nazarova");
  await page.fill("#f-given_name", "Zilola");
  await page.locator("main form button[type=submit].nz-btn-primary").click();
  await page.waitForURL(/\/people\/\d+$/, { timeout: 15_000 });
  await page.goto(`${base}/access-groups`);
  await check(page, "access groups, none");
  await page.locator('a[href="/access-groups/new?everybody=1"]').click();
  await page.locator("#meaning", { hasText: "with 1 device" }).waitFor();

  // What it means follows what is ticked, and nobody who was ticked is lost while others are looked for
  await page.locator('input[name="who"][value="some"]').check();
  await page.locator("#meaning", { hasText: "Nobody belongs to it" }).waitFor({ timeout: 10_000 });
  await check(page, "an access group without anybody");
  await page.fill("#f-q", "nazarova");
  await page.keyboard.press("Enter");
  const first = page.locator('#f-employees input[name="employee"]').first();
  await first.waitFor({ timeout: 10_000 });
  const picked = await first.getAttribute("value");
  await first.check();
  await page.locator("#meaning", { hasText: "1 person may pass" }).waitFor({ timeout: 10_000 });
  await page.fill("#f-q", "nobody is called so");
  await page.keyboard.press("Enter");
  await page.locator("#f-employees", { hasText: "Nothing matches" }).waitFor({ timeout: 10_000 });
  if (!(await page.locator(`#f-employee-${picked}`).isChecked())) problems.push("looking for others lost who was picked");
  await check(page, "an access group of one person");
  await page.locator('input[name="who"][value="everyone"]').check();
  await save();
  await page.locator("main table", { hasText: "Everybody" }).waitFor();

  // The terminal is left to itself until somebody says otherwise
  await page.goto(`${base}/devices/people`);
  await page.locator("main tr", { hasText: "kept at the device" }).waitFor();
  await page.goto(`${base}${device}/people`);
  await check(page, "people of a device that keeps them itself");
  await page.locator(`main ul a[href="${device}/people/keep"]`).click();
  await page.locator("dialog[open]", { hasText: "Let Nazorat keep the people" }).waitFor();
  await check(page, "question before the people of a device are kept");
  await page.locator("dialog[open] button[type=submit]").click();
  // It knows twelve people of its own, who stay
  await page.locator("#unknown .nz-panel-note", { hasText: "12" }).waitFor({ timeout: 60_000 });
  await check(page, "people of a device that was compared");
  await page.locator("#unknown a", { hasText: "Take off" }).first().click();
  await page.locator("dialog[open]", { hasText: "off Entrance terminal?" }).waitFor();
  await page.locator("dialog[open] button[type=submit]").click();
  await page.locator("#unknown .nz-panel-note", { hasText: "11" }).waitFor({ timeout: 60_000 });
  await page.locator("#unnumbered", { hasText: "Nazarova Zilola" }).waitFor();
  await page.goto(`${base}/devices/people`);
  await page.locator("main tr a", { hasText: "11" }).waitFor();
  await check(page, "the board of people on devices");
  return ["/access-groups", "/access-groups/new", "/access-groups/1", "/access-groups/1/remove", "/devices/people",
    `${device}/people`, `${device}/people/leave`];
}
