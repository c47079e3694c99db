/**
 * The solver's walk, to be played step by step in either direction: what is known after any number of its
 * steps. From each root the solver walks against the flows and finds, for each location, by how few
 * derefs its value reaches the root.
 *
 * Invariant: a moment is made from the steps alone, so going back is going to an earlier number.
 */
import type { SolverStep } from "../contract.ts";

export interface Moment {
  /** The location that is walked from; undefined before the first walk. */
  readonly root: string | undefined;
  /** Least derefs found so far from each location to the root. */
  readonly derefs: ReadonlyMap<string, number>;
  /** Locations known to be lost so far. */
  readonly lost: ReadonlySet<string>;
  /** What the last step is about. */
  readonly node: string | undefined;
  readonly edge: string | undefined;
  readonly event: string;
}

/** What is known after the first `count` steps; 0 is the beginning. */
export function momentAfter(steps: readonly SolverStep[], count: number): Moment {
  let root: string | undefined;
  const derefs = new Map<string, number>();
  const lost = new Set<string>();
  const done = steps.slice(0, count);
  for (const step of done) {
    if (step.kind === "starts") {
      derefs.clear();
      root = step.root;
    }
    if (step.kind === "starts" || step.kind === "reaches") derefs.set(step.node, step.derefs);
    if (isLoss(step)) lost.add(step.node);
  }
  const last = done.at(-1);
  return { root, derefs, lost, node: last?.node, edge: last?.edge ?? undefined, event: last?.event ?? "before the first step" };
}

/** Whether the step decides that its node's value or address is lost. */
function isLoss({ kind, event }: SolverStep): boolean {
  return kind === "direct" || kind === "leaks" || (kind === "gains" && event.endsWith("escapes to the heap"));
}
