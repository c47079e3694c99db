/** What the panel and its webview say to each other. */
import type { Graph, Location } from "../contract.ts";
import type { Scope } from "./dot.ts";

export type ToView =
  /** `svg` draws the part of `graph` that `scope` names. */
  | { readonly type: "show"; readonly graph: Graph; readonly scope: Scope; readonly svg: string }
  /** What is shown is of an older text, and why. */
  | { readonly type: "stale"; readonly text: string }
  | { readonly type: "nothing"; readonly text: string };

export type FromView =
  | { readonly type: "ready" }
  | { readonly type: "reveal"; readonly location: Location }
  | { readonly type: "scope"; readonly scope: Scope };
