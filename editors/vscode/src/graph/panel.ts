/**
 * The escape graph of a function in a panel beside its code. Graphviz lays it out here, so that the webview
 * needs no more than its own script; the graph follows edits of the file that it came from.
 */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { GRAPH, type Graph, type Location, type Position } from "../contract.ts";
import { toRange } from "../places.ts";
import { shifted } from "../positions.ts";
import type { Server } from "../server/server.ts";
import { defaultScope, select, toDot, type Scope } from "./dot.ts";
import type { FromView, ToView } from "./messages.ts";

/** An edit is followed by the graph when nothing was typed for so long. */
const PAUSE_MILLISECONDS = 250;

interface Shown {
  readonly uri: vscode.Uri;
  readonly at: Position;
  readonly graph: Graph;
  readonly scope: Scope;
}

export class GraphPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private ready: Promise<void> = Promise.resolve();
  private shown: Shown | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly parts: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly dist: vscode.Uri,
  ) {
    this.parts = [
      server.onDidChangeStatus(({ uri, busy }) => {
        if (!busy && this.shown?.uri.toString() === vscode.Uri.parse(uri).toString()) this.followSoon();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (this.shown?.uri.toString() !== document.uri.toString() || contentChanges.length === 0) return;
        this.shown = { ...this.shown, at: contentChanges.reduce<Position>(shifted, this.shown.at) };
        this.followSoon();
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.panel?.dispose();
    for (const part of this.parts) part.dispose();
  }

  /** Show the graph of the function at `at`. */
  async show(uri: vscode.Uri, at: Position): Promise<void> {
    const graph = await this.ask(uri, at);
    if (!graph) {
      void vscode.window.showInformationMessage(
        this.server.lacks(GRAPH)
          ? "This version of the goescape server cannot tell the graph of a function: update it."
          : "There is no function here whose graph could be shown. Put the cursor into one.",
      );
      return;
    }
    this.open();
    await this.draw({ uri, at, graph, scope: defaultScope(graph) });
  }

  private followSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.follow(), PAUSE_MILLISECONDS);
  }

  /** The file has changed: show what has become of the function. */
  private async follow(): Promise<void> {
    const before = this.shown;
    const graph = before && (await this.ask(before.uri, before.at));
    if (!graph || this.shown !== before || JSON.stringify(graph) === JSON.stringify(before.graph)) return;
    // While the code does not compile, what was known before stays in sight.
    if (graph.nodes.length === 0) this.send({ type: "stale", text: graph.note });
    else await this.draw({ ...before, graph });
  }

  private ask(uri: vscode.Uri, { line, character }: Position): Promise<Graph | null> {
    return this.server.request<Graph>(GRAPH, { textDocument: { uri: uri.toString() }, position: { line, character } });
  }

  private async draw(shown: Shown): Promise<void> {
    this.shown = shown;
    const { graph, scope } = shown;
    const part = select(graph, scope);
    await this.ready;
    if (part.nodes.length === 0) {
      const nothing = graph.note || `Nothing in ${graph.function} flows anywhere: there is no graph to draw.`;
      this.send({ type: "nothing", text: nothing });
      return;
    }
    const { layout } = await import("./layout.js");
    const svg = await layout(toDot(part));
    if (this.shown === shown) this.send({ type: "show", graph, scope, svg });
  }

  private send(message: ToView): void {
    if (this.panel) {
      this.panel.title = this.shown ? `Escape graph: ${this.shown.graph.function}` : "Escape graph";
      void this.panel.webview.postMessage(message);
    }
  }

  private open(): void {
    if (this.panel) {
      this.panel.reveal(undefined, true);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      "goescape.graph",
      "Escape graph",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [this.dist], retainContextWhenHidden: true },
    );
    this.panel = panel;
    this.ready = new Promise((resolve) => {
      panel.webview.onDidReceiveMessage((message: FromView) => {
        if (message.type === "ready") resolve();
        else if (message.type === "reveal") void reveal(message.location, panel);
        else if (this.shown) void this.draw({ ...this.shown, scope: message.scope });
      });
      panel.onDidDispose(() => {
        this.panel = undefined;
        this.shown = undefined;
        resolve();
      });
    });
    panel.webview.html = page(panel.webview, this.dist);
  }
}

/** Go to a place in the code, in the column where code is, not over the graph. */
async function reveal(location: Location, panel: vscode.WebviewPanel): Promise<void> {
  const uri = vscode.Uri.parse(location.uri);
  const visible = vscode.window.visibleTextEditors.find((e) => e.document.uri.toString() === uri.toString());
  const other = vscode.window.visibleTextEditors.find((e) => e.viewColumn !== panel.viewColumn);
  const column = visible?.viewColumn ?? other?.viewColumn ?? vscode.ViewColumn.One;
  await vscode.window.showTextDocument(uri, { viewColumn: column, selection: toRange(location.range) });
}

function page(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const uri = (name: string) => String(webview.asWebviewUri(vscode.Uri.joinPath(dist, name)));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}';">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="${uri("graph-style.css")}">
<title>Escape graph</title>
</head>
<body>
<header>
  <h1 id="function">Escape graph</h1>
  <label>Show <select id="scope">
    <option value="all">every location</option>
    <option value="connected">what flows</option>
    <option value="escaping">what escapes</option>
    <option value="path">the deciding path</option>
  </select></label>
  <div role="toolbar" aria-label="Solver" id="solver">
    <button id="first" type="button" aria-keyshortcuts="Home" title="Before the first step (Home)">|◀</button>
    <button id="previous" type="button" aria-keyshortcuts="P" title="Previous step (P)">◀</button>
    <button id="play" type="button" aria-keyshortcuts="Space" title="Play" aria-pressed="false">Play</button>
    <button id="next" type="button" aria-keyshortcuts="N" title="Next step (N)">▶</button>
    <button id="last" type="button" aria-keyshortcuts="End" title="After the last step (End)">▶|</button>
    <input id="progress" type="range" min="0" value="0" aria-label="Step of the solver">
  </div>
  <p id="event" role="status" aria-live="polite"></p>
  <p id="note"></p>
</header>
<main id="drawing" aria-label="Escape graph; arrow keys go from location to location, Enter jumps to the code"></main>
<section id="details" aria-live="polite"></section>
<details id="list"><summary>As a list</summary><ul id="flows"></ul></details>
<script nonce="${nonce}" src="${uri("graph.js")}"></script>
</body>
</html>`;
}
