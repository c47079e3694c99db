import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../src/contract.ts";
import { begin, beside, current, dimmed, move, position, spoken } from "../src/steps/steps.ts";

const FLOW: Flow = {
  title: "moved to heap: x",
  code: "moved",
  steps: [
    { text: "&x", why: "address-of", flow: "p ← &x", derefs: -1, decisive: false, location: null },
    { text: "p := &x", why: "assign", flow: "", derefs: -1, decisive: false, location: null },
    { text: "return p", why: "return", flow: "~r0 ← p", derefs: 0, decisive: true, location: null },
  ],
};

test("a walk goes from one end to the other and stays there", () => {
  let walk = begin(FLOW);
  assert.ok(walk);
  assert.equal(position(walk), "step 1 of 3");
  walk = move(walk, -1);
  assert.equal(position(walk), "step 1 of 3");
  walk = move(move(walk, 1), 1);
  assert.equal(current(walk).text, "return p");
  assert.equal(position(move(walk, 1)), "step 3 of 3");
});

test("a step says where it is, why, and with how many derefs", () => {
  const walk = begin(FLOW);
  assert.ok(walk);
  assert.equal(beside(walk), "step 1 of 3 · address-of · derefs -1 (its address)");
  assert.equal(spoken(move(walk, 2)), "step 3 of 3 · return · derefs 0 · this decides: return p");
});

test("there is no walk without steps", () => {
  assert.equal(begin(null), null);
  assert.equal(begin({ ...FLOW, steps: [] }), null);
});

test("what is dimmed is everything but the lit lines", () => {
  assert.deepEqual(dimmed(6, [2, 4, 2]), [[0, 1], [3, 3], [5, 5]]);
  assert.deepEqual(dimmed(3, [0, 1, 2]), []);
  assert.deepEqual(dimmed(3, []), [[0, 2]]);
  assert.deepEqual(dimmed(2, [1, 9]), [[0, 0]]);
});
