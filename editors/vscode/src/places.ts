/** Places of the protocol in VS Code's terms. */
import * as vscode from "vscode";
import type { Position, Range } from "./contract.ts";

export function toPosition({ line, character }: Position): vscode.Position {
  return new vscode.Position(line, character);
}

export function toRange({ start, end }: Range): vscode.Range {
  return new vscode.Range(toPosition(start), toPosition(end));
}

/** The document and cursor of the Go editor that is in use, or the last that was. */
export function goCursor(): { readonly uri: vscode.Uri; readonly at: vscode.Position } | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "go") return undefined;
  return { uri: editor.document.uri, at: editor.selection.active };
}
