/** The commands, but for those of stepping and the graph: the menu and what it offers. */
import * as vscode from "vscode";
import { COMPILER_COMMAND, COPY_COMPILER_COMMAND, EXPLAIN, SHOW_RULE, type Position } from "./contract.ts";
import { codeOf, type Findings } from "./findings/findings.ts";
import { goCursor, toPosition } from "./places.ts";
import type { Server } from "./server/server.ts";
import { SECTION } from "./settings.ts";

const RULES = "goescape-rule";
const WALKTHROUGH = "goescape.goescape#start";

export async function showMenu(server: Server): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const inline = settings.get<boolean>("inline", true);
  const hints = settings.get<string>("inlayHints", "off");
  const otherHints = hints === "off" ? "minimal" : "off";
  const entries: (vscode.QuickPickItem & { run?: () => unknown })[] = [
    { label: "$(debug-step-into) Step through why this escapes", run: command("goescape.stepThrough") },
    { label: "$(type-hierarchy) Show the escape graph of this function", run: command("goescape.showGraph") },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    {
      label: inline ? "$(circle-slash) Analyse without inlining" : "$(check) Analyse with inlining",
      description: inline ? "as go build -gcflags=-l" : "as go build",
      run: command("goescape.toggleInlining"),
    },
    {
      label: `$(symbol-string) Turn inlay hints ${otherHints === "off" ? "off" : "on"}`,
      description: `goescape.inlayHints: ${otherHints}`,
      run: () => update("inlayHints", otherHints),
    },
    { label: "$(question) Explain a kind of finding", run: command(SHOW_RULE) },
    { label: "$(copy) Copy the go command that prints the same", run: command(COPY_COMPILER_COMMAND) },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(debug-restart) Restart the server", run: command("goescape.restart") },
    { label: "$(output) Show the output", run: () => server.output.show() },
    { label: "$(gear) Settings", run: command("workbench.action.openSettings", "@ext:goescape.goescape") },
    { label: "$(book) How to install and use goescape", run: command("goescape.showInstallation") },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { title: "goescape", placeHolder: "What would you like to do?" });
  await chosen?.run?.();
}

export async function showInstallation(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH, false);
}

export async function toggleInlining(): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  await update("inline", !settings.get<boolean>("inline", true));
}

/** Show the server's page on a kind of finding: that of the code given, of the finding under the cursor,
 * or of one that is chosen. */
export async function showRule(findings: Findings, code?: string): Promise<void> {
  const wanted = code ?? codeAtCursor(findings) ?? (await chooseCode(findings));
  if (wanted) await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.from({ scheme: RULES, path: `${wanted}.md` }));
}

/** The documents that `showRule` shows: the server's pages on kinds of findings. */
export function provideRules(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(RULES, {
    provideTextDocumentContent: async ({ path }) => {
      const code = path.replace(/\.md$/, "");
      return (await server.execute<string>(EXPLAIN, code)) ?? `This goescape server has no page on \`${code}\`.`;
    },
  });
}

export async function copyCompilerCommand(server: Server, uri: string | undefined = goCursor()?.uri.toString()): Promise<void> {
  const line = uri && (await server.execute<unknown>(COMPILER_COMMAND, uri));
  if (typeof line !== "string") {
    void vscode.window.showInformationMessage("This goescape server cannot tell the compiler's command for this file.");
    return;
  }
  await vscode.env.clipboard.writeText(line);
  void vscode.window.showInformationMessage(`Copied: ${line}`);
}

/** A code lens was clicked: go through the findings from `position` on. */
export async function showFindings(findings: Findings, target: string, position: Position): Promise<void> {
  const uri = vscode.Uri.parse(target);
  const from = toPosition(position);
  const end = await endOfFunction(uri, from);
  const places = findings
    .all(uri)
    .filter(({ range }) => range.start.isAfterOrEqual(from) && range.start.isBefore(end))
    .map(({ range }) => new vscode.Location(uri, range));
  await vscode.commands.executeCommand("editor.action.goToLocations", uri, from, places, "peek", "Nothing is reported in this function.");
}

/** Where the function that begins at `from` ends: at the brace in the first column, as gofmt leaves it. */
async function endOfFunction(uri: vscode.Uri, from: vscode.Position): Promise<vscode.Position> {
  const document = await vscode.workspace.openTextDocument(uri);
  for (let line = from.line; line < document.lineCount; line++) {
    const { text } = document.lineAt(line);
    if (text.startsWith("}") || (line === from.line && text.trimEnd().endsWith("}"))) return new vscode.Position(line, text.length);
  }
  return document.lineAt(document.lineCount - 1).range.end;
}

function codeAtCursor(findings: Findings): string | undefined {
  const cursor = goCursor();
  const here = cursor && findings.all(cursor.uri).find(({ range }) => range.contains(cursor.at));
  return here && codeOf(here);
}

async function chooseCode(findings: Findings): Promise<string | undefined> {
  const uri = goCursor()?.uri;
  const codes = [...new Set(uri ? findings.all(uri).map(codeOf) : [])].sort();
  return vscode.window.showQuickPick(codes, { title: "Kinds of findings in this file" });
}

function command(name: string, ...args: unknown[]): () => Thenable<unknown> {
  return () => vscode.commands.executeCommand(name, ...args);
}

/** Change a setting where it is set already, else for the user. */
async function update(name: string, value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const { workspaceValue } = settings.inspect(name) ?? {};
  const target = workspaceValue === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;
  await settings.update(name, value, target);
}
