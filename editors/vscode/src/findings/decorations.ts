/** Marks at values on the heap: in the gutter or as a soft underline, as the setting says. */
import * as vscode from "vscode";
import { SECTION } from "../settings.ts";
import type { Findings } from "./findings.ts";

export class Decorations implements vscode.Disposable {
  private readonly types: Readonly<Record<string, vscode.TextEditorDecorationType>>;
  private readonly parts: vscode.Disposable[];

  constructor(
    private readonly findings: Findings,
    media: vscode.Uri,
  ) {
    const ruler = {
      overviewRulerColor: new vscode.ThemeColor("goescape.heap"),
      overviewRulerLane: vscode.OverviewRulerLane.Right,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    };
    this.types = {
      gutter: vscode.window.createTextEditorDecorationType({
        ...ruler,
        gutterIconSize: "70%",
        light: { gutterIconPath: vscode.Uri.joinPath(media, "heap-light.svg") },
        dark: { gutterIconPath: vscode.Uri.joinPath(media, "heap-dark.svg") },
      }),
      underline: vscode.window.createTextEditorDecorationType({
        ...ruler,
        borderStyle: "none none dotted none",
        borderWidth: "0 0 1px 0",
        borderColor: new vscode.ThemeColor("goescape.heap"),
      }),
    };
    this.parts = [
      ...Object.values(this.types),
      findings.onDidChange((uri) => this.draw((editor) => editor.document.uri.toString() === uri.toString())),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(`${SECTION}.decorations`)) this.draw();
      }),
    ];
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  private draw(which: (editor: vscode.TextEditor) => boolean = () => true): void {
    for (const editor of vscode.window.visibleTextEditors.filter(which)) {
      const { document } = editor;
      if (document.languageId !== "go") continue;
      const wanted = vscode.workspace.getConfiguration(SECTION, document.uri).get<string>("decorations", "gutter");
      for (const [name, type] of Object.entries(this.types)) {
        editor.setDecorations(type, name === wanted ? this.findings.heap(document.uri) : []);
      }
    }
  }
}
