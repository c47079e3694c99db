// A folder that is not trusted still has its findings; and a VS Code without the server says so, once.
import assert from "node:assert/strict";
import path from "node:path";
import { points, startCode } from "./session.mjs";

const { SHOTS } = process.env;
const holds = points();
let failed = 0;

async function inside(options, act) {
  const code = await startCode(options);
  try {
    await code.open([["openFile", code.remote(`${code.folder}/orders.go`)]]);
    await code.page.locator(".monaco-editor[data-uri$='orders.go'] .view-line").first().waitFor();
    await act(code.page);
  } catch (error) {
    failed = 1;
    console.error(error, code.log().slice(-3000));
    await code.page.screenshot({ path: path.join(SHOTS, "failed-untrusted.png") });
  } finally {
    await code.stop();
  }
}

await inside({ trust: true }, async (page) => {
  await page.locator(".statusbar, .part.banner", { hasText: "Restricted Mode" }).first().waitFor();
  await page.locator(".monaco-editor[data-uri$='orders.go'] .cdr.squiggly-info").first().waitFor();
  await page.screenshot({ path: path.join(SHOTS, "restricted.png") });
  holds("restricted mode still shows findings");
});

await inside({ server: "/nowhere/goescape" }, async (page) => {
  const message = page.locator(".notification-list-item", { hasText: "/nowhere/goescape" });
  await message.first().waitFor();
  assert.equal(await message.count(), 1);
  await page.locator(".statusbar [id='goescape.goescape.goescape.status']", { hasText: "goescape" }).first().waitFor();
  await message.locator("a, .monaco-button", { hasText: "Show How to Install" }).first().click();
  await page.locator(".gettingStartedContainer", { hasText: "Install the server" }).first().waitFor();
  await page.screenshot({ path: path.join(SHOTS, "install.png") });
  holds("a missing server is one message with a way to install it");
});

process.exit(failed);
