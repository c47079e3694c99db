// What a person sees and does: every point is a line on standard output when it holds. Pictures go to SHOTS.
import assert from "node:assert/strict";
import path from "node:path";
import { points, startCode, WAIT } from "./session.mjs";

const { SHOTS } = process.env;
const code = await startCode({ settings: { "goescape.inlayHints": "minimal" } });
const { page } = code;
const holds = points();
const plain = (text) => text.replaceAll("\u00a0", " ");
const shot = (name, clip) => page.screenshot({ path: path.join(SHOTS, `${name}.png`), ...(clip ? { clip } : {}) });
const editor = page.locator(".monaco-editor[data-uri$='orders.go']").first();
const squiggles = editor.locator(".cdr.squiggly-info");
const status = page.locator("[id='goescape.goescape.goescape.status'], [id*='goescape.status']").first();

const command = async (text) => {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input");
  await input.waitFor();
  await input.fill(`>${text}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: text.replace(/^.*: /, "") }).first().waitFor();
  await page.keyboard.press("Enter");
};
/** Columns on the screen, where a tab is four wide. */
const goTo = async (line, column) => {
  await page.keyboard.press("Control+g");
  const input = page.locator(".quick-input-widget input");
  await input.waitFor();
  await input.fill(`:${line}:${column}`);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
};
const line = (text) => editor.locator(".view-line", { hasText: text }).first();
/** The middle of a word in a line, on the screen. */
const wordAt = (locator, word) => locator.evaluate((el, word) => {
  const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const i = n.data.indexOf(word);
    if (i < 0) continue;
    const r = document.createRange();
    r.setStart(n, i);
    r.setEnd(n, i + word.length);
    const b = r.getBoundingClientRect();
    return { x: b.x + b.width / 2, y: b.y + b.height / 2 };
  }
  throw new Error(`no ${word}`);
}, word);

const theme = async (name) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Control+t");
  const row = page.locator(".quick-input-list .monaco-list-row");
  await row.first().waitFor();
  await page.locator(".quick-input-widget input").fill(name);
  await row.filter({ hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
};
const until = async (what, probe) => {
  for (const end = Date.now() + WAIT; ; await page.waitForTimeout(50)) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
  }
};
const cursorIs = (line, column) => page.locator(".statusbar", { hasText: `Ln ${line}, Col ${column}` }).first().waitFor();
/** What stands beside the code at the current step. */
const besides = () => editor.evaluate((el) => [...el.querySelectorAll(".view-line span")]
  .map((span) => getComputedStyle(span, "::after").content).filter((content) => content.includes("step ")).join());
const graph = page.frameLocator("iframe.webview").frameLocator("#active-frame");

let failed = 0;
try {
  await code.open([["openFile", code.remote(`${code.folder}/orders.go`)]]);
  await editor.locator(".view-line").first().waitFor();
  await squiggles.first().waitFor({ timeout: 3 * WAIT }); // Nothing is known of Go's library yet.
  holds("a squiggle on open");

  await page.keyboard.press("Control+b");
  await editor.click({ position: { x: 700, y: 300 } });
  await editor.locator(".cgmr[class*='TextEditorDecorationType']").first().waitFor({ state: "attached" });
  holds("a mark in the gutter");

  await until("the status bar", async () => /go1\.\d+(\.\d+)? · 4 heap/.test(await status.innerText()));
  holds("the status bar tells release and heap");

  // VS Code asks for lenses only while the editor has the focus: before any panel takes it.
  await editor.locator(".codelens-decoration", { hasText: /1 heap allocation/ }).first().waitFor();
  await page.waitForTimeout(300);
  await shot("overview");
  await editor.locator(".codelens-decoration a", { hasText: /1 heap allocation/ }).first().click();
  await cursorIs(20, 5); // With several findings VS Code lists them, to one it goes.
  holds("a code lens, which shows its function's findings");

  await until("an inlay hint", async () => /order\s*heap/.test(plain(await line("Order{").innerText())));
  holds("an inlay hint");

  await command("Problems: Focus on Problems View");
  const problem = page.locator(".markers-panel .monaco-list-row[aria-label*='moved to heap: order']").first();
  await problem.waitFor();
  assert.match(await problem.getAttribute("aria-label"), /moved to heap: order.*line 20.*character 2.*goescape/s);
  holds("an entry in Problems");
  await shot("problems");
  await page.keyboard.press("Control+j");

  // -- hover
  await editor.click({ position: { x: 700, y: 300 } });
  const at = await wordAt(line("Order{"), "order");
  await page.mouse.move(at.x - 3, at.y);
  await page.mouse.move(at.x, at.y, { steps: 4 });
  const hover = page.locator(".monaco-hover:visible", { hasText: "address-of" }).first();
  await hover.waitFor();
  const text = plain(await hover.innerText());
  for (const part of [/moved to heap: order/, /&order/, /chosen := &order/, /keep\(b, chosen\)/, /call parameter/]) assert.match(text, part);
  holds("a hover with the flow");
  await page.waitForTimeout(300);
  await shot("hover");
  await page.mouse.move(1000, 700);
  await hover.waitFor({ state: "hidden" });

  // -- stepping
  await editor.click({ position: { x: 700, y: 300 } });
  await goTo(20, 6);
  await command("goescape: Step Through Why This Escapes");
  await cursorIs(21, 15);
  await until("the first step", async () => /step 1 of 3 · address-of · derefs -1/.test(await besides()));
  await page.keyboard.press("Alt+ArrowRight");
  await cursorIs(21, 5);
  await page.keyboard.press("Alt+ArrowRight");
  await cursorIs(25, 5);
  await until("the third step", async () => /step 3 of 3 · call parameter · derefs 0/.test(await besides()));
  assert.ok(await editor.evaluate((el) => [...el.querySelectorAll(".view-line span")].some((s) => getComputedStyle(s).opacity === "0.45")),
    "the rest is dimmed");
  await page.locator(".statusbar", { hasText: "step 3 of 3" }).first().waitFor();
  holds("step-through moves the cursor and says where it is");
  await page.waitForTimeout(300);
  await shot("step");
  await page.keyboard.press("Alt+ArrowLeft");
  await cursorIs(21, 5);
  await page.keyboard.press("Escape");
  await until("nothing is dimmed", async () => (await besides()) === "");
  await page.keyboard.press("Alt+ArrowRight"); // VS Code's own now, which may go anywhere.
  await page.waitForTimeout(200);
  assert.equal(await besides(), "");
  holds("keys go back and leave");

  // -- graph
  await goTo(20, 6);
  await command("goescape: Show the Escape Graph of This Function");
  await graph.locator("g.location").first().waitFor();
  const names = await graph.locator("g.location").evaluateAll((all) => all.map((g) => g.getAttribute("aria-label")));
  for (const name of ["order: variable", "chosen: variable", "{heap}: the heap", "b: parameter"]) {
    assert.ok(names.some((n) => n.startsWith(name)), `${name} in ${names}`);
  }
  const path_ = await graph.locator("g.flow.path").evaluateAll((all) => all.map((g) => g.getAttribute("aria-label")));
  assert.equal(path_.length, 2);
  assert.ok(path_.some((n) => n.includes("chosen ← &order") && n.includes("derefs -1")), String(path_));
  assert.match(await graph.locator("#function").innerText(), /Place/);
  holds("the graph draws locations, flows and the path");

  const dark = await graph.locator("g.flow.path path").first().evaluate((el) => getComputedStyle(el).stroke);
  await page.waitForTimeout(300);
  await graph.locator("#next").click();
  await graph.locator("#event", { hasText: /^step 1 of \d+: / }).waitFor();
  for (let i = 0; i < 3; i++) await page.keyboard.press("n");
  await graph.locator("#event", { hasText: /^step 4 of / }).waitFor();
  await graph.locator("g.location text.derefs").first().waitFor();
  const forward = await graph.locator("#event").innerText();
  await page.keyboard.press("n");
  await page.keyboard.press("p");
  assert.equal(await graph.locator("#event").innerText(), forward);
  await page.keyboard.press("Home");
  await graph.locator("#event", { hasText: "step 0 of" }).waitFor();
  assert.equal(await graph.locator("g.location text.derefs").count(), 0);
  await page.keyboard.press("End");
  await until("what is lost", async () => (await graph.locator("g.location.lost").count()) > 0);
  holds("the solver's walk is played forwards and backwards");

  await graph.locator("#first").click();
  for (let i = 0; i < 8; i++) await page.keyboard.press("n");
  await graph.locator("g.location[tabindex='0']").focus();
  await page.keyboard.press("ArrowDown");
  const focused = await graph.locator("g.location:focus").getAttribute("aria-label");
  assert.match(focused, /^chosen: variable/);
  await page.waitForTimeout(300);
  await shot("graph");
  await page.keyboard.press("Enter");
  await page.locator(".statusbar", { hasText: /Ln 21, Col \d+ \(6 selected\)/ }).first().waitFor();
  holds("locations take the focus by arrow keys, Enter jumps to the code");

  await graph.locator("g.location[aria-label^='order: variable']").click();
  await page.locator(".statusbar", { hasText: /Ln 20, Col \d+ \(5 selected\)/ }).first().waitFor();
  assert.match(await graph.locator("#details").innerText(), /moved to heap: order/);
  await graph.locator("#list summary").click();
  assert.ok((await graph.locator("#flows li").count()) >= 8);
  await graph.locator("#list summary").click();
  await graph.locator("#scope").selectOption("path");
  await until("the path alone", async () => (await graph.locator("g.location").count()) === 3);
  holds("a click jumps to the code, a choice narrows the graph");

  await theme("Light Modern");
  await until("another colour", async () =>
    (await graph.locator("g.flow.path path").first().evaluate((el) => getComputedStyle(el).stroke)) !== dark);
  await page.waitForTimeout(300);
  await shot("graph-light");
  await theme("Dark High Contrast");
  await until("high contrast", () => graph.locator("body.vscode-high-contrast").count());
  await page.waitForTimeout(300);
  await shot("graph-contrast");
  await theme("Dark Modern");
  await graph.locator("body.vscode-dark").waitFor();
  holds("light, dark and high contrast");

  // -- while typing
  await editor.click({ position: { x: 300, y: 300 } });
  await command("View: Close Other Editors in Group");
  await goTo(21, 5);
  await graph.locator("#scope").selectOption("all");
  await page.keyboard.press("End");
  await page.keyboard.type("; fresh := new(int); b.byID[*fresh] = nil; sink = fresh");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nvar sink *int\n");
  await until("the graph has followed", async () => (await graph.locator("g.location[aria-label^='fresh']").count()) === 1);
  holds("the graph follows edits");

  await command("View: Close Editors in Other Groups");
  await page.keyboard.press("Control+End");
  // At once: whether VS Code closes a brace by itself depends on how far its tokens have got.
  await page.keyboard.insertText("\nfunc late() *int {\n\tlater := 1\n\treturn &later\n}\n");
  await until("a squiggle after typing", () => line("later").evaluate((el) => {
    const top = el.getBoundingClientRect().top;
    return [...document.querySelectorAll(".cdr.squiggly-info")].some((s) => Math.abs(s.getBoundingClientRect().top - top) < 12);
  }));
  await page.locator(".tabs-container .tab.dirty").first().waitFor();
  holds("a finding while typing, before saving");

  // -- quick fix
  await goTo(38, 54);
  const fix = page.locator(".action-widget .monaco-list-row", { hasText: "Say it without fmt" }).first();
  for (let i = 0; i < 5 && !(await fix.isVisible()); i++) {
    await page.keyboard.press("Control+.");
    await fix.waitFor({ timeout: WAIT / 4 }).catch(() => page.keyboard.press("Escape"));
  }
  await shot("fix");
  const heap = async () => Number(/(\d+) heap/.exec(await status.innerText())[1]);
  const before = await heap();
  for (let i = 0; i < 9 && !(await page.locator(".action-widget .monaco-list-row.focused", { hasText: "Say it without fmt" }).count()); i++) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await line("strconv.Itoa(o.ID)").waitFor();
  await until("the finding is gone", async () => (await heap()) === before - 1);
  holds("a quick fix is applied and the finding gone");

  // -- the menu and the rest
  await status.click();
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Analyse without inlining" }).first().waitFor();
  await shot("menu");
  await page.keyboard.press("Escape");
  holds("the status bar opens a menu");
} catch (error) {
  failed = 1;
  console.error(error, code.log().slice(-3000));
  await shot("failed");
} finally {
  await code.stop();
}
process.exit(failed);
