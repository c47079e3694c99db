import assert from "node:assert/strict";
import { test } from "node:test";
import { shifted } from "../src/positions.ts";

/** Where `|` of a text goes when what is between `[` and `]` is replaced. */
function after(text: string, replacement: string): string {
  const place = (mark: string) => {
    const plain = text.slice(0, text.indexOf(mark)).replace(/[[\]|]/g, "").split("\n");
    return { line: plain.length - 1, character: plain.at(-1)?.length ?? 0 };
  };
  const at = shifted(place("|"), { range: { start: place("["), end: place("]") }, text: replacement });
  const result = (text.slice(0, text.indexOf("[")) + replacement + text.slice(text.indexOf("]") + 1)).replace("|", "").split("\n");
  return `${result.slice(at.line)[0]?.slice(at.character)}`;
}

test("a position keeps its place in the text", () => {
  assert.equal(after("ab[]c|d", "x"), "d");
  assert.equal(after("ab[]c|d", "x\ny"), "d");
  assert.equal(after("a[b\nc]d|e", ""), "e");
  assert.equal(after("a[b\nc]d\nf|g", "1\n2\n3"), "g");
  assert.equal(after("a|b[c]", "xyz"), "bxyz");
  assert.equal(after("a[b|c]d", "xy"), "xyd", "inside what was replaced: at its start");
  assert.equal(after("a[bc]|d", "xy"), "d");
});
