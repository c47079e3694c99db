import assert from "node:assert/strict";
import { test } from "node:test";
import type { Range } from "../src/contract.ts";
import { withoutDoubles } from "../src/findings/overlap.ts";

const LINES = ["func f() *int {", "\tx := new(int)", "\tsé, y := new(int), new(int)"];

/** The stretch of `text` in a line. */
function at(line: number, text: string): Range {
  const character = LINES[line]?.indexOf(text) ?? -1;
  assert.ok(character >= 0);
  return { start: { line, character }, end: { line, character: character + text.length } };
}

/** A point as the compiler counts: in bytes. */
function point(line: number, bytes: number): Range {
  return { start: { line, character: bytes }, end: { line, character: bytes } };
}

function left(code: string, range: Range, detail: string, where: Range): boolean {
  const shown = withoutDoubles([{ code, range, message: "" }], [{ message: detail, range: where }], (n) => LINES[n] ?? "");
  return shown.length === 1;
}

test("an allocation that gopls shows at a point of its range is doubled", () => {
  assert.equal(left("escapes", at(1, "new(int)"), "escapes(new(int) escapes to heap)", point(1, 9)), false);
  assert.equal(left("moved", at(1, "x"), "escape()", point(1, 1)), false);
});

test("what gopls shows elsewhere, or of another kind, doubles nothing", () => {
  assert.equal(left("escapes", at(1, "new(int)"), "escapes(new(int) escapes to heap)", point(2, 9)), true);
  assert.equal(left("escapes", at(1, "new(int)"), "leak(parameter x leaks to {heap})", point(1, 9)), true);
  assert.equal(left("escapes", at(1, "new(int)"), "nilcheck()", point(1, 9)), true);
  assert.equal(left("leaks", at(0, "f"), "leak(parameter f leaks to {heap})", point(0, 0)), false);
  assert.equal(left("can-inline", at(0, "f"), "leak(parameter f leaks to {heap})", point(0, 0)), true);
});

test("gopls' columns count bytes", () => {
  // The é before it is two bytes: byte 12 is the second character of the first new(int).
  assert.equal(left("escapes", at(2, "new(int)"), "escapes(new(int) escapes to heap)", point(2, 11)), false);
  assert.equal(left("escapes", at(2, "y"), "escape()", point(2, 6)), false);
  assert.equal(left("escapes", at(2, "y"), "escape()", point(2, 4)), true);
});

test("where the text is not known columns are taken as they are", () => {
  const ours = [{ code: "moved", range: at(1, "x"), message: "" }];
  assert.equal(withoutDoubles(ours, [{ message: "escape()", range: point(1, 1) }], () => undefined).length, 0);
});
