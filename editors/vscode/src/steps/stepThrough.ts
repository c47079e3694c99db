/**
 * Stepping through the flow of a finding in the editor: the cursor goes to each step in turn, the lines
 * that are no step of it are dimmed, and what happens at the step stands beside it. Keys belong to the
 * walk only while it lasts (context `goescape.stepping`); an edit of a file on the way ends it.
 */
import * as vscode from "vscode";
import { FLOW, type Flow, type Location } from "../contract.ts";
import { toRange } from "../places.ts";
import type { Server } from "../server/server.ts";
import { begin, beside, current, dimmed, move, position, spoken, type Walk } from "./steps.ts";

const CONTEXT = "goescape.stepping";

export class StepThrough implements vscode.Disposable {
  private walk: Walk | null = null;
  /** Where the walk began: the value itself. */
  private origin: { readonly uri: vscode.Uri; readonly line: number } | undefined;
  private readonly item = vscode.window.createStatusBarItem("goescape.step", vscode.StatusBarAlignment.Left, 0);
  private readonly dim = vscode.window.createTextEditorDecorationType({ opacity: "0.45" });
  private readonly way = vscode.window.createTextEditorDecorationType({
    border: "1px dotted",
    borderColor: new vscode.ThemeColor("goescape.path"),
  });
  private readonly here = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("goescape.stepBackground"),
    border: "1px solid",
    borderColor: new vscode.ThemeColor("goescape.path"),
    overviewRulerColor: new vscode.ThemeColor("goescape.path"),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    after: { margin: "0 0 0 2em", color: new vscode.ThemeColor("goescape.path"), fontStyle: "italic" },
  });
  private readonly parts: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.item.name = "goescape: step through";
    this.item.command = "goescape.step.next";
    this.parts = [
      this.item,
      this.dim,
      this.way,
      this.here,
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.passes(document.uri)) this.leave();
      }),
      server.onDidChangeLife(() => this.leave()),
    ];
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  /** Begin with the finding at `at` in the document, or say that there is none. */
  async start(document: vscode.Uri, at: vscode.Position): Promise<void> {
    const flow = await this.server.request<Flow>(FLOW, {
      textDocument: { uri: document.toString() },
      position: { line: at.line, character: at.character },
    });
    const walk = begin(flow);
    if (!walk) {
      void vscode.window.showInformationMessage(
        this.server.lacks(FLOW)
          ? "This version of the goescape server cannot tell the steps of a flow: update it."
          : "Nothing escapes here whose flow could be stepped through. Put the cursor on a finding.",
      );
      return;
    }
    this.origin = { uri: document, line: at.line };
    await this.show(walk);
  }

  async step(by: number): Promise<void> {
    if (this.walk) await this.show(move(this.walk, by));
  }

  leave(): void {
    if (!this.walk) return;
    this.walk = null;
    this.origin = undefined;
    this.item.hide();
    void vscode.commands.executeCommand("setContext", CONTEXT, false);
    this.draw();
  }

  private async show(walk: Walk): Promise<void> {
    this.walk = walk;
    this.item.text = `$(debug-step-over) ${position(walk)}: ${walk.flow.title}`;
    this.item.tooltip = spoken(walk);
    this.item.accessibilityInformation = { label: spoken(walk) };
    this.item.show();
    void vscode.commands.executeCommand("setContext", CONTEXT, true);
    const { location } = current(walk);
    if (location) {
      const range = toRange(location.range);
      const editor = await vscode.window.showTextDocument(vscode.Uri.parse(location.uri), {
        selection: new vscode.Range(range.start, range.start),
        preserveFocus: false,
      });
      editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
    this.draw();
  }

  private draw(): void {
    for (const editor of vscode.window.visibleTextEditors) this.drawIn(editor);
  }

  private drawIn(editor: vscode.TextEditor): void {
    const { document } = editor;
    const places = this.walk ? this.placesIn(document.uri) : [];
    const lines = places.flatMap(({ range }) => lineNumbers(range));
    if (this.origin?.uri.toString() === document.uri.toString()) lines.push(this.origin.line);
    const dim = this.walk && document.languageId === "go" ? dimmed(document.lineCount, lines) : [];
    editor.setDecorations(this.dim, dim.map(([first, last]) => new vscode.Range(first, 0, last, Number.MAX_SAFE_INTEGER)));
    editor.setDecorations(this.way, places.map(({ range }) => toRange(range)));
    const here = this.walk && current(this.walk).location;
    editor.setDecorations(
      this.here,
      this.walk && here && sameFile(here, document.uri)
        ? [{ range: toRange(here.range), renderOptions: { after: { contentText: beside(this.walk) } } }]
        : [],
    );
  }

  private placesIn(uri: vscode.Uri): Location[] {
    const steps = this.walk?.flow.steps ?? [];
    return steps.flatMap(({ location }) => (location && sameFile(location, uri) ? [location] : []));
  }

  private passes(uri: vscode.Uri): boolean {
    return this.placesIn(uri).length > 0 || this.origin?.uri.toString() === uri.toString();
  }
}

function sameFile(location: Location, uri: vscode.Uri): boolean {
  return vscode.Uri.parse(location.uri).toString() === uri.toString();
}

function lineNumbers({ start, end }: Location["range"]): number[] {
  return Array.from({ length: end.line - start.line + 1 }, (_, i) => start.line + i);
}
