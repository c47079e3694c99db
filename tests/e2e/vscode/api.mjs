// Runs tester/suite.cjs in the extension host, the way VS Code tests its own web build: the page's URL
// names the extension under development and the suite, and the workbench calls two functions back.
import path from "node:path";
import { startCode } from "./session.mjs";

const tester = path.join(import.meta.dirname, "tester");
// Recent builds honour these URL entries only under the smoke-test switch.
const code = await startCode({ args: ["--vscode-option", "enable-smoke-test-driver"] });
const noise = [];
const failures = [];
let status = 1;
try {
  const finished = new Promise((done) => {
    code.page.exposeFunction("codeAutomationExit", (exit) => done(exit));
    code.page.exposeFunction("codeAutomationLog", (type, args) => {
      const line = args.join(" ");
      if (line.startsWith('{"point"')) console.log(line);
      else if (line.startsWith('{"failed"')) failures.push(line);
      else noise.push(`${type}: ${line}`);
    });
  });
  await code.open([
    ["extensionDevelopmentPath", code.remote(tester)],
    ["extensionTestsPath", code.remote(path.join(tester, "suite.cjs"))],
    ["skipWelcome", "true"],
  ]);
  let timer;
  const limit = new Promise((_, no) => { timer = setTimeout(() => no(new Error("no result in 240 s")), 240000); });
  status = await Promise.race([finished, limit]);
  clearTimeout(timer);
} catch (error) {
  console.error(error);
}
if (status !== 0) console.error(noise.slice(-60).join("\n"), code.log().slice(-3000), failures.join("\n"));
await code.stop();
process.exit(status);
