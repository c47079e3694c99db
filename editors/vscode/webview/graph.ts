/**
 * The escape graph in its webview: the drawing that Graphviz made, made alive. Locations take the focus
 * by arrow keys and jump to the code by Enter or a click; the solver is played by buttons, a slider, or N
 * and P. Everything drawn is also a list of sentences for those who do not see it.
 */
import type { Graph, GraphEdge, GraphNode, Location } from "../src/contract.ts";
import { derefsLabel } from "../src/graph/dot.ts";
import type { FromView, ToView } from "../src/graph/messages.ts";
import { momentAfter, type Moment } from "../src/graph/replay.ts";

declare function acquireVsCodeApi(): { postMessage(message: FromView): void };

const SVG = "http://www.w3.org/2000/svg";
const PLAY_MILLISECONDS = 900;

const code = acquireVsCodeApi();
const byId = <T extends Element>(id: string) => document.getElementById(id) as unknown as T;
const drawing = byId<HTMLElement>("drawing");
const details = byId<HTMLElement>("details");
const scope = byId<HTMLSelectElement>("scope");
const progress = byId<HTMLInputElement>("progress");
const play = byId<HTMLButtonElement>("play");

let graph: Graph = { function: "", note: "", nodes: [], edges: [], path: [], solver: [] };
let shapes = new Map<string, SVGGElement>();
let lines = new Map<string, SVGGElement>();
let focused: string | undefined;
/** Steps of the solver that were played; undefined while the result is shown. */
let played: number | undefined;
let timer: ReturnType<typeof setInterval> | undefined;

// -- showing

function show(message: Extract<ToView, { type: "show" }>): void {
  const same = message.graph.function === graph.function;
  graph = message.graph;
  scope.value = message.scope;
  byId("function").textContent = graph.function;
  byId("note").textContent = graph.note;
  byId<HTMLElement>("solver").hidden = graph.solver.length === 0;
  progress.max = String(graph.solver.length);
  draw(message.svg);
  list();
  const start = graph.edges.find((e) => e.id === graph.path[0])?.from ?? [...shapes.keys()][0];
  focused = same && focused && shapes.has(focused) ? focused : start;
  for (const [id, shape] of shapes) shape.setAttribute("tabindex", id === focused ? "0" : "-1");
  describe(undefined);
  goTo(same && played !== undefined ? Math.min(played, graph.solver.length) : undefined);
}

function nothing(text: string): void {
  stop();
  shapes = new Map();
  lines = new Map();
  drawing.replaceChildren();
  byId("flows").replaceChildren();
  byId("note").textContent = text;
}

function draw(svg: string): void {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const image = document.importNode(parsed, true) as unknown as SVGSVGElement;
  image.setAttribute("role", "group");
  image.setAttribute("aria-label", `escape graph of ${graph.function}`);
  for (const title of image.querySelectorAll("title")) title.remove();
  drawing.replaceChildren(image);
  const elements = new Map([...image.querySelectorAll<SVGGElement>("g[id]")].map((g) => [g.id, g]));
  shapes = new Map();
  lines = new Map();
  for (const node of graph.nodes) {
    const shape = elements.get(`node_${node.id}`);
    if (!shape) continue;
    shapes.set(node.id, shape);
    shape.setAttribute("role", "button");
    shape.setAttribute("aria-label", nodeInWords(node));
    shape.addEventListener("click", () => {
      focus(node.id);
      reveal(placeOf(node));
    });
    shape.addEventListener("focus", () => describe(node));
  }
  for (const edge of graph.edges) {
    const line = elements.get(`edge_${edge.id}`);
    if (!line) continue;
    lines.set(edge.id, line);
    line.setAttribute("role", "img");
    line.setAttribute("aria-label", edgeInWords(edge));
    line.addEventListener("click", () => {
      describeEdge(edge);
      reveal(edge.location);
    });
  }
}

/** The drawing in sentences; each jumps to its place. */
function list(): void {
  const entries = [
    ...graph.edges.filter((e) => lines.has(e.id)).map((e) => entry(edgeInWords(e), e.location)),
    ...graph.nodes.filter((n) => shapes.has(n.id)).map((n) => entry(nodeInWords(n), placeOf(n))),
  ];
  byId("flows").replaceChildren(...entries);
}

function entry(text: string, place: Location | null): HTMLLIElement {
  const item = document.createElement("li");
  if (place) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = text;
    button.addEventListener("click", () => reveal(place));
    item.append(button);
  } else {
    item.textContent = text;
  }
  return item;
}

/** Tell of a location, and mark the way by which it is lost. */
function describe(node: GraphNode | undefined): void {
  const way = new Set(node && node.path.length > 0 ? node.path : graph.path);
  for (const [id, line] of lines) line.classList.toggle("path", way.has(id));
  details.replaceChildren();
  if (!node) return;
  addText("strong", node.label);
  addText("span", ` ${nodeFacts(node)}`);
  const steps = graph.edges.filter((e) => way.has(e.id) && node.path.includes(e.id));
  if (steps.length === 0) return;
  const ordered = node.path.flatMap((id) => steps.find((e) => e.id === id) ?? []);
  const items = document.createElement("ol");
  items.append(...ordered.map((e) => entry(edgeInWords(e), e.location)));
  details.append(items);
}

function describeEdge(edge: GraphEdge): void {
  details.replaceChildren();
  addText("strong", edge.flow);
  addText("span", ` ${edgeInWords(edge)}`);
}

function addText(tag: string, text: string): void {
  const element = document.createElement(tag);
  element.textContent = text;
  details.append(element);
}

// -- the solver

/** Show what is known after `count` steps; undefined: the result. */
function goTo(count: number | undefined): void {
  played = count;
  const moment = momentAfter(graph.solver, count ?? 0);
  const total = graph.solver.length;
  progress.value = String(count ?? 0);
  progress.setAttribute("aria-valuetext", count === undefined ? "not played" : `step ${count} of ${total}: ${moment.event}`);
  byId("event").textContent =
    count === undefined ? (total > 0 ? `${total} steps of the solver` : "") : `step ${count} of ${total}: ${moment.event}`;
  drawing.classList.toggle("playing", count !== undefined);
  for (const [id, shape] of shapes) mark(shape, id, count === undefined ? undefined : moment);
  for (const [id, line] of lines) line.classList.toggle("current", count !== undefined && id === moment.edge);
  if (count !== undefined && moment.node) shapes.get(moment.node)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function mark(shape: SVGGElement, id: string, moment: Moment | undefined): void {
  shape.classList.toggle("root", moment?.root === id);
  shape.classList.toggle("current", moment?.node === id);
  shape.classList.toggle("lost", moment?.lost.has(id) ?? false);
  const derefs = moment?.derefs.get(id);
  shape.classList.toggle("reached", derefs !== undefined);
  shape.querySelector(".derefs")?.remove();
  if (derefs === undefined) return;
  const badge = document.createElementNS(SVG, "text");
  const box = shape.querySelector<SVGGraphicsElement>("path, polygon")?.getBBox();
  badge.setAttribute("class", "derefs");
  badge.setAttribute("x", String((box?.x ?? 0) + (box?.width ?? 0)));
  badge.setAttribute("y", String((box?.y ?? 0) - 3));
  badge.setAttribute("text-anchor", "end");
  badge.textContent = derefsLabel(derefs);
  shape.append(badge);
}

function step(by: number): void {
  const next = Math.min(Math.max((played ?? 0) + by, 0), graph.solver.length);
  goTo(next);
  if (next === graph.solver.length) stop();
}

function stop(): void {
  clearInterval(timer);
  timer = undefined;
  play.setAttribute("aria-pressed", "false");
}

function togglePlay(): void {
  if (timer !== undefined) {
    stop();
    return;
  }
  if (played === undefined || played >= graph.solver.length) goTo(0);
  timer = setInterval(() => step(1), PLAY_MILLISECONDS);
  play.setAttribute("aria-pressed", "true");
}

// -- keys

function focus(id: string): void {
  if (focused) shapes.get(focused)?.setAttribute("tabindex", "-1");
  focused = id;
  const shape = shapes.get(id);
  shape?.setAttribute("tabindex", "0");
  shape?.focus();
}

/** The location beside the focused one: along a flow up or down, else in the list's order. */
function beside(key: string): string | undefined {
  const ids = [...shapes.keys()];
  const here = ids.indexOf(focused ?? "");
  if (key === "ArrowRight") return ids[here + 1];
  if (key === "ArrowLeft") return ids[here - 1];
  const drawn = graph.edges.filter((e) => lines.has(e.id));
  const preferred = (edges: GraphEdge[]) => edges.find((e) => lines.get(e.id)?.classList.contains("path")) ?? edges[0];
  if (key === "ArrowDown") return preferred(drawn.filter((e) => e.from === focused))?.to;
  return preferred(drawn.filter((e) => e.to === focused))?.from;
}

document.addEventListener("keydown", (event) => {
  const target = event.target as Element;
  if (event.ctrlKey || event.metaKey || event.altKey || target === scope || target === progress) return;
  const inDrawing = drawing.contains(target);
  if (inDrawing && event.key.startsWith("Arrow")) {
    const id = beside(event.key);
    if (id) focus(id);
  } else if (inDrawing && (event.key === "Enter" || event.key === " ")) {
    const node = graph.nodes.find((n) => n.id === focused);
    if (node) reveal(placeOf(node));
  } else if (event.key === "n" || event.key === "N") step(1);
  else if (event.key === "p" || event.key === "P") step(-1);
  else if (event.key === "Home") goTo(0);
  else if (event.key === "End") goTo(graph.solver.length);
  else return;
  event.preventDefault();
});

byId("first").addEventListener("click", () => goTo(0));
byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
byId("last").addEventListener("click", () => goTo(graph.solver.length));
play.addEventListener("click", togglePlay);
progress.addEventListener("input", () => goTo(Number(progress.value)));
scope.addEventListener("change", () => code.postMessage({ type: "scope", scope: scope.value as never }));

// -- words

function nodeInWords(node: GraphNode): string {
  return `${node.label}: ${nodeFacts(node)}`;
}

function nodeFacts(node: GraphNode): string {
  const loops = node.loopDepth > 1 ? `in ${node.loopDepth - 1} nested loop${node.loopDepth > 2 ? "s" : ""}` : "";
  return [node.heap ? "the heap" : node.kind, node.verdict, loops].filter(Boolean).join("; ");
}

function edgeInWords(edge: GraphEdge): string {
  return [edge.flow, edge.why, edge.text && `at ${edge.text}`, `derefs ${edge.derefs}`].filter(Boolean).join(", ");
}

function placeOf({ uri, range }: GraphNode): Location | null {
  return uri && range ? { uri, range } : null;
}

function reveal(location: Location | null): void {
  if (location) code.postMessage({ type: "reveal", location });
}

window.addEventListener("message", ({ data }: MessageEvent<ToView>) => {
  drawing.classList.toggle("stale", data.type === "stale");
  if (data.type === "show") show(data);
  else if (data.type === "stale") byId("note").textContent = data.text;
  else nothing(data.text);
});
code.postMessage({ type: "ready" });
