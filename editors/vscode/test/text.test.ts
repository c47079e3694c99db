import assert from "node:assert/strict";
import { test } from "node:test";
import { forServer } from "../src/settings.ts";
import { describe } from "../src/statusText.ts";

const STATUS = { goVersion: "go1.27.3", release: "1.27", inline: true, busy: false, heap: 3, leaks: 1, target: "linux/amd64" };

test("the status bar tells release, inlining and heap", () => {
  assert.equal(describe("running", STATUS).text, "$(flame) go1.27.3 · 3 heap");
  assert.equal(describe("running", { ...STATUS, inline: false }).text, "$(flame) go1.27.3 -l · 3 heap");
  assert.match(describe("running", { ...STATUS, busy: true }).text, /^\$\(sync~spin\)/);
  const { tooltip, spoken } = describe("running", STATUS);
  assert.match(tooltip, /3 allocations on the heap, 1 leaking parameter\n/);
  assert.match(spoken, /^goescape models go1\.27\.3 for linux\/amd64\., inlining: on, this file: 3 allocations/);
});

test("the status bar tells what is wrong", () => {
  assert.deepEqual([describe("missing", undefined).wrong, describe("stopped", STATUS).wrong], [true, true]);
  assert.equal(describe("running", undefined).wrong, false);
  assert.equal(describe("running", { ...STATUS, goVersion: "", release: "", busy: true }).text, "$(sync~spin) goescape");
  assert.match(describe("starting", undefined).text, /sync~spin/);
});

test("the server is told its own settings only", () => {
  const all = { inline: false, decorations: "off", server: { path: "" }, trace: { server: "off" }, diagnostics: { level: "all" } };
  assert.deepEqual(forServer(all), { inline: false, diagnostics: { level: "all" } });
  assert.deepEqual(forServer(undefined), {});
});
