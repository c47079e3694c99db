import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, findServer, type Surroundings } from "../src/server/find.ts";

function around(programs: string[], change: Partial<Surroundings> = {}): Surroundings {
  return {
    platform: "linux",
    env: { PATH: "/usr/bin:relative" },
    home: "/home/u",
    folders: ["/w"],
    trusted: true,
    setting: "",
    isProgram: async (file) => programs.includes(file),
    ...change,
  };
}

async function program(programs: string[], change: Partial<Surroundings> = {}): Promise<string | undefined> {
  return (await findServer(around(programs, change))).program;
}

test("the setting comes first, and is not passed over when it is wrong", async () => {
  const there = ["/opt/goescape", "/usr/bin/goescape", "/home/u/x/goescape"];
  assert.equal(await program(there, { setting: "/opt/goescape" }), "/opt/goescape");
  assert.equal(await program(there, { setting: "~/x/goescape" }), "/home/u/x/goescape");
  assert.equal(await program(["/w/bin/goescape"], { setting: "${workspaceFolder}/bin/goescape" }), "/w/bin/goescape");
  assert.equal(await program(["/e/goescape"], { setting: "${env:X}/goescape", env: { X: "/e" } }), "/e/goescape");
  const wrong = await findServer(around(there, { setting: "/nowhere/goescape" }));
  assert.equal(wrong.program, undefined);
  assert.match("problem" in wrong ? wrong.problem : "", /goescape\.server\.path.*\/nowhere\/goescape/);
  assert.equal(await program(["goescape"], { setting: "goescape" }), undefined, "a relative path names nothing");
});

test("the workspace's environment comes before PATH, and PATH before the tools' places", async () => {
  const all = ["/home/u/.local/bin/goescape", "/usr/bin/goescape", "/v/bin/goescape", "/w/.venv/bin/goescape"];
  const env = { PATH: "/usr/bin", VIRTUAL_ENV: "/v" };
  const found: (string | undefined)[] = [];
  while (all.length > 0) {
    found.push(await program(all, { env }));
    all.pop();
  }
  assert.deepEqual(found, ["/w/.venv/bin/goescape", "/v/bin/goescape", "/usr/bin/goescape", "/home/u/.local/bin/goescape"]);
});

test("nothing of a workspace that is not trusted is run", async () => {
  const inside = ["/w/.venv/bin/goescape", "/w/bin/goescape", "/w/goescape"];
  const env = { PATH: "/w/bin:/w:/usr/bin" };
  assert.equal(await program(inside, { trusted: false, env }), undefined);
  assert.equal(await program([...inside, "/usr/bin/goescape"], { trusted: false, env }), "/usr/bin/goescape");
  assert.equal(await program(inside, { trusted: true, env }), "/w/.venv/bin/goescape");
  assert.equal(await program(["/wide/goescape"], { trusted: false, env: { PATH: "/wide" } }), "/wide/goescape");
});

test("uv tool and pipx are found without PATH", async () => {
  const env = {};
  for (const file of [
    "/home/u/.local/bin/goescape",
    "/home/u/.local/share/uv/tools/goescape/bin/goescape",
    "/home/u/.local/share/pipx/venvs/goescape/bin/goescape",
    "/home/u/.local/pipx/venvs/goescape/bin/goescape",
  ]) {
    assert.equal(await program([file], { env }), file);
  }
  assert.equal(await program(["/t/goescape"], { env: { UV_TOOL_BIN_DIR: "/t" } }), "/t/goescape");
});

test("on Windows programs have their ending and their folders", () => {
  const windows = around([], {
    platform: "win32",
    env: { Path: "C:\\bin;D:\\tools", APPDATA: "C:\\Users\\u\\AppData\\Roaming" },
    home: "C:\\Users\\u",
    folders: ["C:\\w"],
  });
  const files = [...candidates(windows)].map(([file]) => file);
  assert.equal(files[0], "C:\\w\\.venv\\Scripts\\goescape.exe");
  for (const file of [
    "D:\\tools\\goescape.exe",
    "C:\\Users\\u\\.local\\bin\\goescape.exe",
    "C:\\Users\\u\\AppData\\Roaming\\uv\\tools\\goescape\\Scripts\\goescape.exe",
    "C:\\Users\\u\\pipx\\venvs\\goescape\\Scripts\\goescape.exe",
  ]) {
    assert.ok(files.includes(file), file);
  }
});

test("where there is none, one sentence says so", async () => {
  const found = await findServer(around([]));
  assert.match("problem" in found ? found.problem : "", /not installed, or was not found/);
});
