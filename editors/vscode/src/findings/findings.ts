/**
 * What the server reports of each file. It passes through here on its way to VS Code, so that what gopls
 * shows already is left out (see `overlap`) and the decorations know of everything, left out or not.
 */
import * as vscode from "vscode";
import { vsdiag, type Middleware } from "vscode-languageclient/node";
import { OPTIMIZER_DETAILS, withoutDoubles } from "./overlap.ts";

const Kind = vsdiag.DocumentDiagnosticReportKind;

/** Codes of findings that are allocations on the heap. */
const HEAP_CODES = new Set(["moved", "escapes"]);

interface Entry {
  readonly all: readonly vscode.Diagnostic[];
  /** What gopls had when this was shown, to know when it has to be shown again. */
  readonly details: string;
  /** Shows a list of diagnostics that the server pushed; undefined for those that are pulled. */
  readonly push?: (diagnostics: vscode.Diagnostic[]) => void;
}

export class Findings implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly parts: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  /** `refresh` has the diagnostics of every document pulled again. */
  constructor(private readonly refresh: () => void) {
    this.parts = [
      this.changed,
      vscode.languages.onDidChangeDiagnostics(({ uris }) => this.othersChanged(uris)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.keep(uri, undefined)),
    ];
  }

  readonly middleware: Middleware = {
    handleDiagnostics: (uri, diagnostics, next) => {
      const push = (shown: vscode.Diagnostic[]) => next(uri, shown);
      this.keep(uri, { all: diagnostics, details: detailsKey(uri), push });
      push(visible(uri, diagnostics));
    },
    provideDiagnostics: async (document, previous, token, next) => {
      const uri = document instanceof vscode.Uri ? document : document.uri;
      const report = await next(document, previous, token);
      if (!report) return report;
      const entry = this.entries.get(uri.toString());
      const details = detailsKey(uri);
      if (report.kind === Kind.unChanged) {
        if (!entry || entry.details === details) return report;
        this.entries.set(uri.toString(), { ...entry, details });
        return { kind: Kind.full, resultId: report.resultId, items: visible(uri, entry.all) };
      }
      this.keep(uri, { all: report.items, details });
      return { ...report, items: visible(uri, report.items) };
    },
  };

  /** The values on the heap that are reported of a file; those on failing paths only are left out. */
  heap(uri: vscode.Uri): vscode.Range[] {
    return this.all(uri)
      .filter((d) => HEAP_CODES.has(codeOf(d)) && !d.tags?.includes(vscode.DiagnosticTag.Unnecessary))
      .map((d) => d.range);
  }

  /** Everything that is reported of a file, shown or not. */
  all(uri: vscode.Uri): readonly vscode.Diagnostic[] {
    return this.entries.get(uri.toString())?.all ?? [];
  }

  /** Forget what a server that is gone said. */
  clear(): void {
    for (const name of [...this.entries.keys()]) this.keep(vscode.Uri.parse(name), undefined);
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  private keep(uri: vscode.Uri, entry: Entry | undefined): void {
    if (entry) this.entries.set(uri.toString(), entry);
    else if (!this.entries.delete(uri.toString())) return;
    this.changed.fire(uri);
  }

  private othersChanged(uris: readonly vscode.Uri[]): void {
    let pulled = false;
    for (const uri of uris) {
      const entry = this.entries.get(uri.toString());
      const details = detailsKey(uri);
      if (!entry || entry.details === details) continue;
      if (entry.push) {
        this.entries.set(uri.toString(), { ...entry, details });
        entry.push(visible(uri, entry.all));
      } else {
        pulled = true;
      }
    }
    if (pulled) this.refresh();
  }
}

/** The code of a finding, with or without a link to its description. */
export function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : (code ?? ""));
}

function detailsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((d) => d.source === OPTIMIZER_DETAILS);
}

function detailsKey(uri: vscode.Uri): string {
  return detailsOf(uri)
    .map((d) => `${d.range.start.line}:${d.range.start.character} ${d.message}`)
    .join("\n");
}

function visible(uri: vscode.Uri, all: readonly vscode.Diagnostic[]): vscode.Diagnostic[] {
  const details = detailsOf(uri);
  const document = vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri.toString());
  if (details.length === 0 || !document) return [...all];
  const ours = all.map((d) => ({ d, range: d.range, message: d.message, code: codeOf(d) }));
  const line = (n: number) => (n < document.lineCount ? document.lineAt(n).text : "");
  return withoutDoubles(ours, details, line).map(({ d }) => d);
}
