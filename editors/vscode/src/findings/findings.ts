/**
 * What the server reports of each file. Its diagnostics are kept here and shown from here, so that what
 * gopls shows already is left out for as long as it does (see `overlap`), and the decorations know of
 * everything, left out or not.
 */
import * as vscode from "vscode";
import type { DiagnosticCollectionProvider } from "vscode-languageclient/node";
import { OPTIMIZER_DETAILS, withoutDoubles } from "./overlap.ts";

/** Codes of findings that are allocations on the heap. */
const HEAP_CODES = new Set(["moved", "escapes"]);

type Diagnostics = readonly vscode.Diagnostic[];

interface Entry {
  readonly all: Diagnostics;
  /** What gopls had when this was shown, to know when it has to be shown again. */
  readonly details: string;
  readonly shownIn: vscode.DiagnosticCollection;
}

export class Findings implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly parts: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor() {
    this.parts = [this.changed, vscode.languages.onDidChangeDiagnostics(({ uris }) => this.othersChanged(uris))];
  }

  /** The collections that the client fills, whether diagnostics are pushed or pulled. */
  readonly collections: DiagnosticCollectionProvider = {
    create: (name) => this.collection(vscode.languages.createDiagnosticCollection(name)),
    dispose: (collection) => collection.dispose(),
  };

  /** The values on the heap that are reported of a file; those on failing paths only are left out. */
  heap(uri: vscode.Uri): vscode.Range[] {
    return this.all(uri)
      .filter((d) => HEAP_CODES.has(codeOf(d)) && !d.tags?.includes(vscode.DiagnosticTag.Unnecessary))
      .map((d) => d.range);
  }

  /** Everything that is reported of a file, shown or not. */
  all(uri: vscode.Uri): Diagnostics {
    return this.entries.get(uri.toString())?.all ?? [];
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  /** `inner` as the client sees it: what is set is kept, and shown in `inner` but for the doubles. */
  private collection(inner: vscode.DiagnosticCollection): vscode.DiagnosticCollection {
    const set = (uri: vscode.Uri, all: Diagnostics | undefined) =>
      all?.length ? this.show(uri, all, inner) : this.forget(uri, inner);
    const clear = () => {
      for (const [name, { shownIn }] of [...this.entries]) if (shownIn === inner) this.forget(vscode.Uri.parse(name), inner);
    };
    return {
      name: inner.name,
      set: (where: vscode.Uri | readonly [vscode.Uri, Diagnostics | undefined][], all?: Diagnostics) => {
        if (where instanceof vscode.Uri) set(where, all);
        else for (const [uri, some] of where) set(uri, some);
      },
      delete: (uri) => this.forget(uri, inner),
      clear,
      forEach: (callback) => inner.forEach(callback),
      get: (uri) => inner.get(uri),
      has: (uri) => inner.has(uri),
      [Symbol.iterator]: () => inner[Symbol.iterator](),
      dispose: () => {
        clear();
        inner.dispose();
      },
    };
  }

  private show(uri: vscode.Uri, all: Diagnostics, shownIn: vscode.DiagnosticCollection): void {
    const details = detailsOf(uri);
    this.entries.set(uri.toString(), { all, details: details.map(worded).join("\n"), shownIn });
    shownIn.set(uri, withoutThose(uri, all, details));
    this.changed.fire(uri);
  }

  private forget(uri: vscode.Uri, shownIn: vscode.DiagnosticCollection): void {
    shownIn.delete(uri);
    if (this.entries.get(uri.toString())?.shownIn !== shownIn) return;
    this.entries.delete(uri.toString());
    this.changed.fire(uri);
  }

  private othersChanged(uris: readonly vscode.Uri[]): void {
    for (const uri of uris) {
      const entry = this.entries.get(uri.toString());
      if (entry && entry.details !== detailsOf(uri).map(worded).join("\n")) this.show(uri, entry.all, entry.shownIn);
    }
  }
}

/** The code of a finding, with or without a link to its description. */
export function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : (code ?? ""));
}

/** What gopls shows of a file as the compiler's optimization details. */
function detailsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((d) => d.source === OPTIMIZER_DETAILS);
}

function worded({ range, message }: vscode.Diagnostic): string {
  return `${range.start.line}:${range.start.character} ${message}`;
}

function withoutThose(uri: vscode.Uri, all: Diagnostics, details: Diagnostics): Diagnostics {
  if (details.length === 0) return all;
  const document = vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri.toString());
  const ours = all.map((d) => ({ d, range: d.range, message: d.message, code: codeOf(d) }));
  const line = (n: number) => (document && n < document.lineCount ? document.lineAt(n).text : undefined);
  return withoutDoubles(ours, details, line).map(({ d }) => d);
}
