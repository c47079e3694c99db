import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph, GraphEdge, GraphNode, SolverStep } from "../src/contract.ts";
import { defaultScope, derefsLabel, select, toDot } from "../src/graph/dot.ts";
import { layout } from "../src/graph/layout.ts";
import { momentAfter } from "../src/graph/replay.ts";

function node(id: string, label: string, change: Partial<GraphNode> = {}): GraphNode {
  return {
    id, label, kind: "variable", verdict: "", function: "f", escapes: false, heap: false, loopDepth: 1, uri: null, range: null,
    path: [], ...change,
  };
}

function edge(id: string, from: string, to: string, derefs: number, onPath = false): GraphEdge {
  return { id, from, to, derefs, flow: "", why: "", text: "", location: null, onPath };
}

function step(kind: SolverStep["kind"], root: string, at: string, derefs: number, event = ""): SolverStep {
  return { kind, root, node: at, edge: kind === "reaches" ? "e0" : null, derefs, addressOf: derefs < 0, event };
}

const GRAPH: Graph = {
  function: "f",
  note: "",
  nodes: [
    node("n0", "{heap}", { heap: true, kind: "heap" }),
    node("n1", "~r0", { kind: "result" }),
    node("n2", "x", { escapes: true, path: ["e0"], loopDepth: 2 }),
    node("n3", "y"),
    node("n4", "z"),
    node("n5", 'a "quoted" \\ name\nof two lines'),
  ],
  edges: [edge("e0", "n2", "n1", -1, true), edge("e1", "n3", "n4", 2)],
  path: ["e0"],
  solver: [
    step("starts", "n1", "n1", 0),
    step("reaches", "n1", "n2", -1),
    step("gains", "n1", "n2", -1, "x escapes to the heap"),
    step("starts", "n4", "n4", 0),
    step("reaches", "n4", "n3", 2),
  ],
};

test("a scope keeps edges with both their ends", () => {
  const names = (graph: Graph) => graph.nodes.map((n) => n.id).join(" ");
  assert.equal(names(select(GRAPH, "all")), "n0 n1 n2 n3 n4 n5");
  assert.equal(names(select(GRAPH, "connected")), "n1 n2 n3 n4");
  assert.equal(names(select(GRAPH, "escaping")), "n1 n2");
  assert.deepEqual(select(GRAPH, "path").edges.map((e) => e.id), ["e0"]);
});

test("large graphs begin with what decides", () => {
  assert.equal(defaultScope(GRAPH), "connected");
  const many = Array.from({ length: 50 }, (_, i) => node(`m${i}`, "m"));
  const edges = many.map((n, i) => edge(`f${i}`, n.id, "n1", 0));
  const large = { ...GRAPH, nodes: [...GRAPH.nodes, ...many], edges: [...GRAPH.edges, ...edges] };
  assert.equal(defaultScope(large), "path");
  assert.equal(defaultScope({ ...large, path: [] }), "escaping");
  assert.equal(defaultScope({ ...GRAPH, edges: [], path: [] }), "all");
});

test("Graphviz draws every location and flow under its id", async () => {
  const svg = await layout(toDot(GRAPH));
  for (const n of GRAPH.nodes) assert.match(svg, new RegExp(`<g id="node_${n.id}" class="node location`));
  for (const e of GRAPH.edges) assert.match(svg, new RegExp(`<g id="edge_${e.id}" class="edge flow`));
  assert.match(svg, /a &quot;quoted&quot; \\ name of two lines/);
  assert.match(svg, /variable, loop 1/);
});

test("text of the code cannot leave its label", async () => {
  const evil = { ...GRAPH, nodes: [node("n0", '"] x [label="<script>alert(1)</script>" URL="javascript:1')], edges: [] };
  const svg = await layout(toDot(evil));
  assert.doesNotMatch(svg, /<script>|<a |javascript:1"/);
});

test("derefs read as the code does", () => {
  assert.deepEqual([-1, 0, 1, 2, 9].map(derefsLabel), ["-1 (&)", "0", "1 (*)", "2 (**)", "9 (*…)"]);
});

test("the solver's walk is known at every moment, in either direction", () => {
  const at = (count: number) => momentAfter(GRAPH.solver, count);
  assert.deepEqual([at(0).root, at(0).derefs.size, at(0).lost.size], [undefined, 0, 0]);
  assert.deepEqual([...at(2).derefs], [["n1", 0], ["n2", -1]]);
  assert.equal(at(2).edge, "e0");
  assert.deepEqual([...at(3).lost], ["n2"]);
  assert.deepEqual([...at(5).derefs], [["n4", 0], ["n3", 2]], "a new walk forgets the distances of the one before");
  assert.deepEqual([...at(5).lost], ["n2"], "but not what it found out");
  assert.deepEqual(at(2), at(2));
});
