// Bundles the extension: what is loaded at activation, the layout of graphs (loaded with the first
// graph), and the script and style of the graph's webview; with the licences of what is bundled.
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const common = { bundle: true, minify: true, outdir: "dist", logLevel: "warning", legalComments: "none", charset: "utf8", metafile: true };
const node = { ...common, platform: "node", format: "cjs", target: "node20" };

const results = await Promise.all([
  build({
    ...node,
    entryPoints: ["src/extension.ts"],
    // The protocol libraries' ES modules bundle smaller than their CommonJS twins.
    mainFields: ["module", "main"],
    external: ["vscode", "./layout.js"],
  }),
  build({ ...node, entryPoints: ["src/graph/layout.ts"] }),
  build({
    ...common,
    platform: "browser",
    format: "iife",
    target: "es2022",
    entryPoints: { graph: "webview/graph.ts", "graph-style": "webview/graph.css" },
  }),
]);

const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
const bundled = new Set(inputs.flatMap((file) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
const notices = [...bundled].sort().map((folder) => {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? fs.readFileSync(path.join(folder, file), "utf8") : ""}`;
});
notices.push(
  "Graphviz, inside @viz-js/viz (EPL-2.0, https://www.eclipse.org/legal/epl-2.0/); its source is at https://gitlab.com/graphviz/graphviz\n" +
  "Expat, inside @viz-js/viz (MIT); its source is at https://github.com/libexpat/libexpat\n",
);
fs.writeFileSync("dist/THIRD-PARTY-NOTICES.txt", notices.join(`\n${"-".repeat(80)}\n\n`));
