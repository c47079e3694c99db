/** What the status bar says, as text. */
import type { Status } from "./contract.ts";
import type { Life } from "./server/server.ts";

export interface Description {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  /** For screen readers. */
  readonly spoken: string;
  readonly wrong: boolean;
}

const CLICK = "\n\nClick for the menu.";

export function describe(life: Life, status: Status | undefined): Description {
  if (life === "missing") {
    return say("$(warning) goescape", "**goescape** was not found: no findings are shown.", true);
  }
  if (life === "stopped") return say("$(circle-slash) goescape", "**goescape** is not running.", true);
  if (life === "starting") return say("$(sync~spin) goescape", "**goescape** is starting.");
  if (!status) return say("$(flame) goescape", "**goescape** is running.");
  // Until the first analysis is done, the toolchain is not known.
  if (!status.release) return say("$(sync~spin) goescape", "**goescape** is analysing the file.");
  const release = status.goVersion || `go${status.release}`;
  const icon = status.busy ? "$(sync~spin)" : "$(flame)";
  const inlining = status.inline ? "" : " -l";
  return say(
    `${icon} ${release}${inlining} · ${status.heap} heap`,
    [
      `**goescape** models ${release} for ${status.target}.`,
      `- inlining: ${status.inline ? "on" : "off (`-l`)"}`,
      `- this file: ${count(status.heap, "allocation")} on the heap, ${count(status.leaks, "leaking parameter")}`,
      ...(status.busy ? ["- the analysis is at work"] : []),
    ].join("\n"),
  );
}

function say(text: string, tooltip: string, wrong = false): Description {
  const spoken = tooltip.replace(/[*`]/g, "").replace(/\n- /g, ", ");
  return { text, tooltip: tooltip + CLICK, spoken, wrong };
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
