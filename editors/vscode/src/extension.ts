/**
 * goescape in VS Code: starts the language server and shows what it has beyond the protocol. Each part
 * listens to the server by itself; here they are only put together.
 */
import * as vscode from "vscode";
import { copyCompilerCommand, provideRules, showFindings, showInstallation, showMenu, showRule, toggleInlining } from "./commands.ts";
import { COPY_COMPILER_COMMAND, SHOW_FINDINGS, SHOW_RULE, STEP_THROUGH, type Position } from "./contract.ts";
import { Decorations } from "./findings/decorations.ts";
import { Findings } from "./findings/findings.ts";
import { GraphPanel } from "./graph/panel.ts";
import { goCursor, toPosition } from "./places.ts";
import { Server } from "./server/server.ts";
import { SECTION } from "./settings.ts";
import { StatusBar } from "./status.ts";
import { StepThrough } from "./steps/stepThrough.ts";

export function activate({ extensionUri, subscriptions }: vscode.ExtensionContext): void {
  const findings = new Findings();
  const server = new Server(findings.collections);
  const steps = new StepThrough(server);
  const graph = new GraphPanel(server, vscode.Uri.joinPath(extensionUri, "dist"));
  const decorations = new Decorations(findings, vscode.Uri.joinPath(extensionUri, "media"));
  const register = vscode.commands.registerCommand;
  subscriptions.push(
    findings,
    server,
    steps,
    graph,
    decorations,
    new StatusBar(server),
    register(STEP_THROUGH, (uri?: string, position?: Position) => at(uri, position, (u, p) => steps.start(u, p))),
    register("goescape.step.next", () => steps.step(1)),
    register("goescape.step.previous", () => steps.step(-1)),
    register("goescape.step.leave", () => steps.leave()),
    register("goescape.showGraph", (uri?: string, position?: Position) => at(uri, position, (u, p) => graph.show(u, p))),
    register(SHOW_FINDINGS, (uri: string, position: Position) => showFindings(findings, uri, position)),
    register("goescape.showMenu", () => showMenu(server)),
    register("goescape.toggleInlining", toggleInlining),
    register(SHOW_RULE, (code?: string) => showRule(findings, code)),
    register(COPY_COMPILER_COMMAND, (uri?: string) => copyCompilerCommand(server, uri)),
    provideRules(server),
    register("goescape.showInstallation", showInstallation),
    register("goescape.showOutput", () => server.output.show()),
    register("goescape.restart", () => server.restart()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      if (server.life === "missing") void server.restart();
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(`${SECTION}.server`)) void server.restart();
    }),
  );
  // Not awaited: the server takes its time, VS Code need not wait for it.
  void server.restart();
}

/** Run `act` for a place that a lens or action names, else for the cursor. */
async function at(
  uri: string | undefined,
  position: Position | undefined,
  act: (uri: vscode.Uri, at: vscode.Position) => Promise<void>,
): Promise<void> {
  const cursor = goCursor();
  // From the palette there are no arguments, from the editor's own menu there is a vscode.Uri.
  if (typeof uri === "string" && position) await act(vscode.Uri.parse(uri), toPosition(position));
  else if (cursor) await act(cursor.uri, cursor.at);
}
