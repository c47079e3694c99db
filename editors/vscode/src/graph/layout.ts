/** Graphviz, loaded with the first graph that is drawn. */
import { instance, type Viz } from "@viz-js/viz";

let viz: Promise<Viz> | undefined;

/** The graph in `dot` as SVG. Rejects what is not Graphviz's language. */
export async function layout(dot: string): Promise<string> {
  viz ??= instance();
  return (await viz).renderString(dot, { format: "svg", engine: "dot" });
}
