/**
 * The item in the status bar: the Go release that is modelled, inlining, and the allocations in the file
 * that is shown. A click opens the menu.
 */
import * as vscode from "vscode";
import { STATUS, type Status } from "./contract.ts";
import type { Server } from "./server/server.ts";
import { describe } from "./statusText.ts";

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("goescape.status", vscode.StatusBarAlignment.Right, 90);
  private readonly known = new Map<string, Status>();
  private readonly parts: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.item.name = "goescape";
    this.item.command = "goescape.showMenu";
    this.parts = [
      this.item,
      server.onDidChangeLife(() => {
        this.known.clear();
        void this.update();
      }),
      server.onDidChangeStatus((status) => {
        this.known.set(key(vscode.Uri.parse(status.uri)), status);
        this.show();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => void this.update()),
      vscode.workspace.onDidCloseTextDocument((document) => this.known.delete(key(document.uri))),
    ];
    void this.update();
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  private async update(): Promise<void> {
    this.show();
    const document = goDocument();
    if (!document || this.server.life !== "running" || this.known.has(key(document.uri))) return;
    const status = await this.server.request<Status>(STATUS, { textDocument: { uri: document.uri.toString() } });
    if (status && !this.known.has(key(document.uri))) {
      this.known.set(key(document.uri), status);
      this.show();
    }
  }

  private show(): void {
    const document = goDocument();
    if (!document) {
      this.item.hide();
      return;
    }
    const { text, tooltip, spoken, wrong } = describe(this.server.life, this.known.get(key(document.uri)));
    this.item.text = text;
    this.item.tooltip = new vscode.MarkdownString(tooltip);
    this.item.accessibilityInformation = { label: spoken };
    this.item.backgroundColor = wrong ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.show();
  }
}

function goDocument(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === "go" && document.uri.scheme === "file" ? document : undefined;
}

/** One spelling of a URI, whoever wrote it. */
function key(uri: vscode.Uri): string {
  return uri.toString();
}
