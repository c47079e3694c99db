/**
 * The language server's life: found, started, asked, restarted. There is at most one; whoever needs it
 * asks `request`, which answers null when there is none or when it is too old to know the question.
 */
import { constants, promises as fs } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  ExecuteCommandRequest,
  LanguageClient,
  ResponseError,
  State,
  type DiagnosticCollectionProvider,
  type DynamicFeature,
  type StaticFeature,
} from "vscode-languageclient/node";
import { CLIENT_COMMANDS, STATUS_CHANGED, type Status } from "../contract.ts";
import { forServer, SECTION } from "../settings.ts";
import { findServer } from "./find.ts";

export type Life = "missing" | "starting" | "running" | "stopped";

const METHOD_NOT_FOUND = -32601;

export class Server implements vscode.Disposable {
  readonly output = vscode.window.createOutputChannel("goescape", { log: true });
  private readonly trace = vscode.window.createOutputChannel("goescape trace", { log: true });
  private readonly changedLife = new vscode.EventEmitter<Life>();
  private readonly changedStatus = new vscode.EventEmitter<Status & { uri: string }>();
  readonly onDidChangeLife = this.changedLife.event;
  readonly onDidChangeStatus = this.changedStatus.event;
  /** Starts and stops, one after the other; nothing is asked of a server that is on its way out. */
  private turn: Promise<void> = Promise.resolve();
  private client: LanguageClient | undefined;
  private unknown = new Set<string>();
  life: Life = "stopped";

  /** `collections` are where the server's diagnostics go. */
  constructor(private readonly collections: DiagnosticCollectionProvider) {}

  /** Start the server, or start it again; a second call waits for the first. */
  restart(): Promise<void> {
    this.turn = this.turn.then(async () => {
      await this.stop();
      await this.start();
    });
    return this.turn;
  }

  /** The server's answer; null when there is none to be had. */
  async request<T>(method: string, params: unknown): Promise<T | null> {
    await this.turn;
    if (!this.client || this.unknown.has(method)) return null;
    try {
      return await this.client.sendRequest<T | null>(method, params);
    } catch (error) {
      if (error instanceof ResponseError && error.code === METHOD_NOT_FOUND) {
        this.unknown.add(method);
        this.output.warn(`this server does not know ${method}: update goescape`);
      } else {
        this.output.debug(`${method}: ${error instanceof Error ? error.message : String(error)}`);
      }
      return null;
    }
  }

  /** Whether the server said that it does not know `method`. */
  lacks(method: string): boolean {
    return this.unknown.has(method);
  }

  /** Have the server carry out one of its commands; null when it has none of that name. */
  async execute<T>(command: string, ...args: unknown[]): Promise<T | null> {
    const known = this.client?.initializeResult?.capabilities.executeCommandProvider?.commands ?? [];
    return known.includes(command)
      ? this.request<T>(ExecuteCommandRequest.method, { command, arguments: args })
      : null;
  }

  async dispose(): Promise<void> {
    await this.stop();
    for (const part of [this.changedLife, this.changedStatus, this.output, this.trace]) part.dispose();
  }

  private async start(): Promise<void> {
    const found = await findServer({
      platform: process.platform,
      env: process.env,
      home: homedir(),
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      trusted: vscode.workspace.isTrusted,
      setting: vscode.workspace.getConfiguration(SECTION).get<string>("server.path", ""),
      isProgram,
    });
    if (found.program === undefined) {
      this.output.error(found.problem);
      this.become("missing");
      void offerInstallation(found.problem);
      return;
    }
    this.output.info(`server: ${found.program} (from ${found.origin})`);
    this.become("starting");
    const client = this.make(found.program);
    try {
      await client.start();
    } catch (error) {
      // The client has told the user; its own log has the reason.
      this.output.error(`the server did not start: ${error instanceof Error ? error.message : String(error)}`);
      await client.dispose().catch(() => undefined);
      this.become("stopped");
      return;
    }
    this.client = client;
    this.unknown = new Set();
    this.output.info(`goescape ${client.initializeResult?.serverInfo?.version ?? "(version unknown)"} is running`);
    this.become("running");
  }

  private make(program: string): LanguageClient {
    const settings = () => forServer(vscode.workspace.getConfiguration().get(SECTION));
    const client = new Client(
      SECTION,
      "goescape",
      // Not the workspace's folder: nothing may be picked up from there.
      { command: program, args: ["lsp"], options: { cwd: homedir() } },
      {
        documentSelector: [{ scheme: "file", language: "go" }],
        outputChannel: this.output,
        traceOutputChannel: this.trace,
        synchronize: { configurationSection: SECTION },
        initializationOptions: { ...settings(), commands: CLIENT_COMMANDS },
        markdown: { supportHtml: false, isTrusted: false },
        diagnosticCollectionProvider: this.collections,
        middleware: {
          workspace: {
            configuration: async (params, token, next) => {
              const answer = await next(params, token);
              return Array.isArray(answer)
                ? answer.map((part, i) => (params.items[i]?.section === SECTION ? forServer(part) : part))
                : answer;
            },
            didChangeConfiguration: async (_sections, next) => next([SECTION]),
          },
        },
      },
    );
    client.onNotification(STATUS_CHANGED, (status: Status & { uri: string }) => this.changedStatus.fire(status));
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Running) this.become("running");
      else if (newState === State.Starting) this.become("starting");
      else this.become("stopped");
    });
    return client;
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    this.become("stopped");
    try {
      await client.dispose();
    } catch (error) {
      this.output.warn(`the server did not end by itself: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private become(life: Life): void {
    this.life = life;
    void vscode.commands.executeCommand("setContext", "goescape.running", life === "running");
    this.changedLife.fire(life);
  }
}

/** A client that does not turn the server's commands into VS Code's: those that a user meets are this
 * extension's own, partly under the same names, and ask the server by `execute`. */
class Client extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = "registrationType" in feature ? feature.registrationType.method : undefined;
    if (method !== ExecuteCommandRequest.method) super.registerFeature(feature);
  }
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await fs.access(file, constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The one message when there is no server. */
async function offerInstallation(problem: string): Promise<void> {
  const show = "Show How to Install";
  if ((await vscode.window.showWarningMessage(problem, show)) === show) {
    await vscode.commands.executeCommand("goescape.showInstallation");
  }
}
