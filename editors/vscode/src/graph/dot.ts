/**
 * An escape graph in Graphviz's language, and the part of it that is drawn. Colours, weights and states are
 * the webview's: here are only shapes, labels, and the classes and ids by which it finds them.
 *
 * Example: one edge from x to ~r0 becomes
 * `"n2" -> "n1" [id="edge_e0" class="edge path" label="-1 (&)" ...]`.
 */
import type { Graph, GraphEdge, GraphNode } from "../contract.ts";

/** What is drawn: everything, what flows to or from another location, what escapes with its way, or
 * the path alone. */
export const SCOPES = ["all", "connected", "escaping", "path"] as const;
export type Scope = (typeof SCOPES)[number];

/** More than so many locations are not drawn by themselves. */
const LARGE = 40;

/** What is drawn of a graph unless somebody chooses. */
export function defaultScope(graph: Graph): Scope {
  const connected = select(graph, "connected").nodes.length;
  if (connected <= LARGE) return connected === 0 ? "all" : "connected";
  return graph.path.length > 0 ? "path" : "escaping";
}

/** The part of the graph that `scope` names; edges that are kept have both their ends. */
export function select(graph: Graph, scope: Scope): Graph {
  const edges = new Set<string>();
  const nodes = new Set<string>();
  if (scope === "all") return graph;
  if (scope === "connected") for (const edge of graph.edges) edges.add(edge.id);
  if (scope === "path") for (const id of graph.path) edges.add(id);
  if (scope === "escaping") {
    for (const node of graph.nodes) {
      if (!node.escapes && !node.path.length) continue;
      nodes.add(node.id);
      for (const id of node.path) edges.add(id);
    }
  }
  for (const edge of graph.edges) {
    if (edges.has(edge.id)) nodes.add(edge.from).add(edge.to);
  }
  const kept = graph.edges.filter((e) => edges.has(e.id) && nodes.has(e.from) && nodes.has(e.to));
  return { ...graph, nodes: graph.nodes.filter((n) => nodes.has(n.id)), edges: kept };
}

export function toDot(graph: Graph): string {
  return [
    "digraph {",
    '  graph [bgcolor="transparent" rankdir="TB" nodesep="0.35" ranksep="0.5" pad="0.2"]',
    '  node [fontname="Courier" fontsize="12" margin="0.15,0.08" height="0.4"]',
    '  edge [fontname="Courier" fontsize="10" arrowsize="0.8"]',
    ...graph.nodes.map(nodeLine),
    ...graph.edges.map(edgeLine),
    "}",
  ].join("\n");
}

/** `-1 (&)`, `0`, `2 (**)`: how often the value is dereferenced on its way. */
export function derefsLabel(derefs: number): string {
  if (derefs < 0) return `${derefs} (&)`;
  return derefs === 0 ? "0" : `${derefs} (${derefs <= 3 ? "*".repeat(derefs) : "*…"})`;
}

function nodeLine(node: GraphNode): string {
  const classes = ["location", ...(node.heap ? ["heap"] : []), ...(node.escapes ? ["escapes"] : [])];
  const shape = node.heap ? 'shape="box" peripheries="2"' : `shape="box" style="${node.kind === "variable" || node.kind === "parameter" ? "" : "rounded"}"`;
  const below = node.heap ? "" : [node.kind, ...(node.loopDepth > 1 ? [`loop ${node.loopDepth - 1}`] : [])].join(", ");
  const label = [shorten(node.label), ...(below ? [below] : [])].join("\n");
  return `  ${quote(node.id)} [id=${quote(`node_${node.id}`)} class=${quote(classes.join(" "))} label=${quote(label)} ${shape}]`;
}

function edgeLine(edge: GraphEdge): string {
  const classes = edge.onPath ? "flow path" : "flow";
  return `  ${quote(edge.from)} -> ${quote(edge.to)} [id=${quote(`edge_${edge.id}`)} class=${quote(classes)} label=${quote(` ${derefsLabel(edge.derefs)} `)}]`;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 44 ? `${line.slice(0, 43)}…` : line;
}

/** A quoted string of the language, with no escapes of its own left. */
function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
