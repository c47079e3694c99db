/** Where a position is after edits of its document. */
import type { Position, Range } from "./contract.ts";

export interface Change {
  readonly range: Range;
  readonly text: string;
}

/** `at` after one change; a position inside what was replaced goes to its start. */
export function shifted(at: Position, { range: { start, end }, text }: Change): Position {
  if (before(at, end)) return before(at, start) ? at : start;
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.at(-1)?.length ?? 0;
  const line = at.line - (end.line - start.line) + lines.length - 1;
  if (at.line !== end.line) return { line, character: at.character };
  return { line, character: at.character - end.character + last + (lines.length === 1 ? start.character : 0) };
}

function before(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
