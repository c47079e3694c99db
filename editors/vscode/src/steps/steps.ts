/**
 * A walk along a flow: which step it is at, and how that reads. Plain values; `stepThrough` shows them.
 *
 * Invariant: the index names a step, so a walk of a flow without steps is not made.
 */
import type { Flow, FlowStep } from "../contract.ts";

export interface Walk {
  readonly flow: Flow;
  /** From 0. */
  readonly index: number;
}

export function begin(flow: Flow | null): Walk | null {
  return flow && flow.steps.length > 0 ? { flow, index: 0 } : null;
}

/** `by` steps further or back, staying at either end. */
export function move(walk: Walk, by: number): Walk {
  const last = walk.flow.steps.length - 1;
  return { ...walk, index: Math.min(Math.max(walk.index + by, 0), last) };
}

export function current({ flow, index }: Walk): FlowStep {
  const step = flow.steps[index];
  if (!step) throw new RangeError(`step ${index} of ${flow.steps.length}`);
  return step;
}

/** `step 3 of 5`. */
export function position({ flow, index }: Walk): string {
  return `step ${index + 1} of ${flow.steps.length}`;
}

/** What is beside the code at the current step. */
export function beside(walk: Walk): string {
  const { why, derefs, decisive } = current(walk);
  return [position(walk), why, derefsInWords(derefs), ...(decisive ? ["this decides"] : [])].join(" · ");
}

/** The whole step in words, for a tooltip and for screen readers. */
export function spoken(walk: Walk): string {
  const { text, flow } = current(walk);
  return `${beside(walk)}: ${text || flow}`;
}

export function derefsInWords(derefs: number): string {
  return derefs < 0 ? "derefs -1 (its address)" : `derefs ${derefs}`;
}

/** The lines outside `lit`, as stretches `[first, last]` of a text with `count` lines. */
export function dimmed(count: number, lit: Iterable<number>): [number, number][] {
  const stretches: [number, number][] = [];
  let next = 0;
  for (const line of [...new Set(lit)].sort((a, b) => a - b)) {
    if (line >= count) break;
    if (line > next) stretches.push([next, line - 1]);
    next = line + 1;
  }
  if (next < count) stretches.push([next, count - 1]);
  return stretches;
}
