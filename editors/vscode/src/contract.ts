/**
 * What the client and the server say to each other beyond the Language Server Protocol. The shapes are
 * the server's (`goescape_server/lsp/features`); positions are the protocol's, in UTF-16 units from 0.
 */

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface Location {
  readonly uri: string;
  readonly range: Range;
}

export interface TextDocumentPosition {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
}

/** One stop on the way of a value. `flow` (`~r0 ← &x`) stands at the first step of each edge, else it is
 * empty; `derefs` is -1 when the address flows; `location` is null for what is in no file. */
export interface FlowStep {
  readonly text: string;
  readonly why: string;
  readonly flow: string;
  readonly derefs: number;
  readonly decisive: boolean;
  readonly location: Location | null;
}

/** `goescape/flow`: the steps lead from the value to where it is lost. */
export interface Flow {
  readonly title: string;
  readonly code: string;
  readonly steps: readonly FlowStep[];
}

/** A location of the analysis. `path`: the edges by which it is lost, in order, if it is. */
export interface GraphNode {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  readonly verdict: string;
  readonly function: string;
  readonly escapes: boolean;
  readonly heap: boolean;
  readonly loopDepth: number;
  readonly uri: string | null;
  readonly range: Range | null;
  readonly path: readonly string[];
}

/** The value of `from`, dereferenced `derefs` times (-1: its address), flows to `to`. */
export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly derefs: number;
  readonly flow: string;
  readonly why: string;
  readonly text: string;
  readonly location: Location | null;
  readonly onPath: boolean;
}

export type SolverKind = "direct" | "starts" | "reaches" | "gains" | "leaks" | "results lost";

/** One step of the solver: it walks backwards from each root and finds what reaches it. */
export interface SolverStep {
  readonly kind: SolverKind;
  readonly root: string;
  readonly node: string;
  readonly edge: string | null;
  readonly derefs: number;
  readonly addressOf: boolean;
  readonly event: string;
}

/** `goescape/graph`: the function under the cursor. `note` says what is missing, and why, else "". */
export interface Graph {
  readonly function: string;
  readonly note: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly path: readonly string[];
  readonly solver: readonly SolverStep[];
}

/** `goescape/status` and `goescape/didChangeStatus`: the model in force (`goVersion` "go1.27.3", `release`
 * "1.27", `target` "linux/amd64"; empty before the first analysis), and what is in one file. */
export interface Status {
  readonly goVersion: string;
  readonly release: string;
  readonly inline: boolean;
  readonly busy: boolean;
  readonly heap: number;
  readonly leaks: number;
  readonly target: string;
}

export const FLOW = "goescape/flow";
export const GRAPH = "goescape/graph";
export const STATUS = "goescape/status";
export const STATUS_CHANGED = "goescape/didChangeStatus";

/** Commands that the server carries out (`workspace/executeCommand`). */
export const EXPLAIN = "goescape.explain";
export const COMPILER_COMMAND = "goescape.compilerCommand";

/** Commands of this client that the server may put into lenses and code actions. */
export const SHOW_FINDINGS = "goescape.showFindings";
export const STEP_THROUGH = "goescape.stepThrough";
export const SHOW_RULE = "goescape.showRule";
export const COPY_COMPILER_COMMAND = "goescape.copyCompilerCommand";
export const CLIENT_COMMANDS: readonly string[] = [SHOW_FINDINGS, STEP_THROUGH, SHOW_RULE, COPY_COMPILER_COMMAND];
