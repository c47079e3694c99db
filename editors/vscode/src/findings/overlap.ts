/**
 * Findings that gopls shows already. Its compiler optimization details (code action "Show compiler
 * optimization details", formerly "Toggle GC details") run the compiler at each save and report, among
 * others, what escapes: with source `optimizer details` and the messages `escape()` for a variable that
 * moved, `escapes(x escapes to heap)` or `escape(...)` for an expression, `leak(...)` for a parameter, at the
 * compiler's position, whose column counts bytes.
 *
 * A finding is doubled when gopls has one of its kind inside the finding's range. VS Code lets an extension
 * read what others report but not change it, so it is ours that is left out while theirs is there.
 *
 * Source: golang.org/x/tools/gopls/internal/golang/compileropt.go; cmd/compile/internal/escape (go1.27).
 */
import type { Position, Range } from "../contract.ts";

export const OPTIMIZER_DETAILS = "optimizer details";

export interface Reported {
  readonly range: Range;
  readonly message: string;
}

export interface Ours extends Reported {
  readonly code: string;
}

/** The text of a line; undefined where the file is not open: then columns are taken as they are. */
export type LineText = (line: number) => string | undefined;

/** Those of `ours` that nothing in `details` says as well. */
export function withoutDoubles<T extends Ours>(ours: readonly T[], details: readonly Reported[], lineText: LineText): T[] {
  const places = details.flatMap((detail) => {
    const kind = /^(escapes?|leak)\(/.exec(detail.message)?.[1];
    return kind ? [{ leaks: kind === "leak", at: inUnits(detail.range.start, lineText) }] : [];
  });
  return ours.filter((finding) => {
    const leaks = finding.code.startsWith("leaks");
    const heap = finding.code === "moved" || finding.code === "escapes";
    return !places.some((place) => (place.leaks ? leaks : heap) && contains(finding.range, place.at));
  });
}

/** The same position with its column in UTF-16 units instead of UTF-8 bytes. */
function inUnits({ line, character }: Position, lineText: LineText): Position {
  const text = lineText(line);
  if (text === undefined) return { line, character };
  return { line, character: Buffer.from(text, "utf8").subarray(0, character).toString("utf8").length };
}

function contains({ start, end }: Range, { line, character }: Position): boolean {
  const afterStart = line > start.line || (line === start.line && character >= start.character);
  const beforeEnd = line < end.line || (line === end.line && character <= end.character);
  return afterStart && beforeEnd;
}
