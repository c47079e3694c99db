// One code-server with its own home, and one headless Chromium page: VS Code as a person has it, with
// the packaged extension and a copy of the Go module `module/`. Environment: VSIX, GOESCAPE (the
// program), CHROMIUM (optional), GOESCAPE_CACHE (the
// server's store, shared by suites), KEEP (leave the home behind).
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const here = import.meta.dirname;
const CODE_SERVER = path.join(here, "node_modules/code-server/out/node/entry.js");

/** How long anything may take, in milliseconds. */
export const WAIT = Number(process.env.WAIT ?? 60000);

const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Default Dark Modern",
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "editor.accessibilitySupport": "off",
  "editor.inlayHints.enabled": "on",
  "editor.minimap.enabled": false,
  "editor.hover.delay": 100,
  "editor.fontFamily": "DejaVu Sans Mono",
  "files.autoSave": "off",
  "git.enabled": false,
};
const CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const freePort = () => new Promise((done) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});

/** Start VS Code. `trust`: whether workspace trust is in force, so that the folder is restricted.
 * `server`: the setting goescape.server.path. */
export async function startCode({ settings = {}, args = [], trust = false, server = process.env.GOESCAPE } = {}) {
  const env = process.env;
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "goescape-vscode-"));
  const folder = path.join(home, "orders");
  fs.cpSync(path.join(here, "module"), folder, { recursive: true });
  const userData = path.join(home, "data");
  // A browser's VS Code is a remote window: settings of machine scope (a path to run) are read
  // from Machine/; the same in User/ is dropped or not by a race.
  const write = (name, values) => {
    fs.mkdirSync(path.join(userData, name), { recursive: true });
    fs.writeFileSync(path.join(userData, name, "settings.json"), JSON.stringify(values));
  };
  write("User", { ...SETTINGS, "security.workspace.trust.enabled": trust, "security.workspace.trust.startupPrompt": "never", ...settings });
  write("Machine", { "goescape.server.path": server });
  const base = ["--user-data-dir", userData, "--extensions-dir", path.join(home, "ext")];
  // An empty gallery keeps VS Code from looking one up.
  const childEnv = { ...env, HOME: home, EXTENSIONS_GALLERY: "{}",
    XDG_CONFIG_HOME: path.join(home, "cfg"), XDG_DATA_HOME: path.join(home, "share") };
  execFileSync(process.execPath, [CODE_SERVER, ...base, "--install-extension", env.VSIX], { env: childEnv, stdio: "pipe" });
  const port = await freePort();
  const logPath = path.join(home, "server.log");
  const log = fs.openSync(logPath, "w");
  const code = spawn(process.execPath, [CODE_SERVER, ...base, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`,
    "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--ignore-last-opened",
    ...(trust ? [] : ["--disable-workspace-trust"]), ...args],
    { env: childEnv, stdio: ["ignore", log, log], detached: true });
  let browser;
  const stop = async () => {
    await browser?.close();
    try { process.kill(-code.pid, "SIGTERM"); } catch { /* gone already */ }
    await new Promise((r) => setTimeout(r, 500));
    if (!env.KEEP) fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (let i = 0; !(await fetch(`http://127.0.0.1:${port}/healthz`).then((r) => r.ok, () => false)); i++) {
      assert.ok(i < 600 && code.exitCode === null, `code-server is not up\n${fs.readFileSync(logPath, "utf8")}`);
      await new Promise((r) => setTimeout(r, 100));
    }
    browser = await chromium.launch({ executablePath: env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: CHROMIUM_ARGS });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    // Nothing but loopback: anything else would only wait for a network.
    await context.route((url) => url.hostname !== "127.0.0.1", (route) => route.abort());
    const remote = (file) => `vscode-remote://127.0.0.1:${port}${file}`;
    const open = (payload) => page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`
      + `&payload=${encodeURIComponent(JSON.stringify(payload))}`);
    return { page, folder, home, remote, open, stop, log: () => fs.readFileSync(logPath, "utf8") };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The points of a suite, told line by line to whoever started it. */
export function points() {
  let from = Date.now();
  return (name) => {
    console.log(JSON.stringify({ point: name, seconds: (Date.now() - from) / 1000 }));
    from = Date.now();
  };
}
