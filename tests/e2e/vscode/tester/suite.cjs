// Runs inside the extension host of a real VS Code, with the installed extension: what shows without a
// screen. A line for each point that holds; a throw is a failure.
const assert = require("node:assert/strict");
const vscode = require("vscode");

const OURS = "goescape.goescape";
const WAIT = 60000;

async function until(what, probe) {
  for (const end = Date.now() + WAIT; ; ) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

/** How many times as long as usual this machine takes for anything, at this moment. */
function slowness() {
  const usual = 20; // Milliseconds of CPU.
  const cpu = process.cpuUsage();
  let sum = 0;
  for (let i = 0; i < 2e7; i++) sum += i % 7;
  const used = process.cpuUsage(cpu);
  assert.equal(sum, 59999997);
  return (used.user + used.system) / 1000 / usual;
}

/** Wall clock and CPU milliseconds of activating an extension. */
async function activation(id) {
  const extension = vscode.extensions.getExtension(id);
  assert.ok(extension, `${id} is installed`);
  assert.equal(extension.isActive, false, `${id} is not active without a Go file`);
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await extension.activate();
  const milliseconds = performance.now() - wall;
  const used = process.cpuUsage(cpu);
  return { milliseconds, cpu: (used.user + used.system) / 1000 };
}

const found = (uri) => vscode.languages.getDiagnostics(uri).filter((d) => d.source === "goescape");
const configure = (name, value) => vscode.workspace.getConfiguration("goescape").update(name, value, vscode.ConfigurationTarget.Workspace);

const tests = {
  // First: nothing has opened a Go file yet.
  async "activation on Go only, within 150 ms of an empty extension"() {
    const empty = await activation("goescape-tests.empty");
    const ours = await activation(OURS);
    const told = `${ours.milliseconds.toFixed(0)} ms (CPU ${ours.cpu.toFixed(0)}), empty ${empty.milliseconds.toFixed(0)} ms (CPU ${empty.cpu.toFixed(0)})`;
    assert.ok(ours.cpu - empty.cpu < 150 * Math.max(1, slowness()), told);
    return told;
  },

  async "every command of the manifest is there"({ open }) {
    await open();
    const there = new Set(await vscode.commands.getCommands(true));
    const { commands } = vscode.extensions.getExtension(OURS).packageJSON.contributes;
    for (const { command } of commands) assert.ok(there.has(command), command);
  },

  async "findings have the range, the code and the source"({ uri }) {
    const all = await until("findings", () => found(uri).length > 0 && found(uri));
    const moved = all.find((d) => d.message.startsWith("moved to heap: order"));
    assert.deepEqual([moved.range.start.line, moved.range.start.character, moved.range.end.character], [19, 1, 6]);
    assert.equal(String(moved.code.value ?? moved.code), "moved");
    assert.equal(moved.severity, vscode.DiagnosticSeverity.Information);
    assert.equal(moved.relatedInformation.length, 3);
  },

  async "what gopls shows is not shown twice"({ uri }) {
    const order = () => found(uri).filter((d) => d.message.startsWith("moved to heap: order"));
    await until("the finding", () => order().length === 1);
    const before = found(uri).length;
    const gopls = vscode.languages.createDiagnosticCollection("gopls");
    const detail = new vscode.Diagnostic(new vscode.Range(19, 1, 19, 1), "escape()", vscode.DiagnosticSeverity.Information);
    detail.source = "optimizer details";
    gopls.set(uri, [detail]);
    await until("it is left out", () => order().length === 0);
    assert.equal(found(uri).length, before - 1, "the others stay");
    gopls.clear();
    await until("it is back", () => order().length === 1);
    gopls.dispose();
  },

  async "nor in a file that is not open"({ uri }) {
    const other = vscode.Uri.joinPath(uri, "..", "stock.go");
    await until("the finding of the whole workspace", () => found(other).length === 1);
    const gopls = vscode.languages.createDiagnosticCollection("gopls");
    const detail = new vscode.Diagnostic(new vscode.Range(4, 1, 4, 1), "escape()", vscode.DiagnosticSeverity.Information);
    detail.source = "optimizer details";
    gopls.set(other, [detail]);
    await until("it is left out", () => found(other).length === 0);
    gopls.clear();
    await until("it is back", () => found(other).length === 1);
    gopls.dispose();
  },

  async "settings count at once"({ uri }) {
    const quiet = found(uri).length;
    await configure("diagnostics.level", "off");
    await until("nothing is reported", () => found(uri).length === 0);
    await configure("diagnostics.level", undefined);
    await until("all is reported again", () => found(uri).length === quiet);
    await configure("diagnostics.kinds", { moved: "warning" });
    await until("a warning", () => found(uri).some((d) => d.severity === vscode.DiagnosticSeverity.Warning));
    await configure("diagnostics.kinds", undefined);
    await until("no warning", () => !found(uri).some((d) => d.severity === vscode.DiagnosticSeverity.Warning));
  },

  async "a restart brings everything back"({ uri }) {
    const before = found(uri).length;
    await vscode.commands.executeCommand("goescape.restart");
    await until("findings", () => found(uri).length === before);
  },

  async "a code action steps through, one shows the rule"({ uri, editor }) {
    const at = new vscode.Position(19, 3);
    const actions = await until("actions", async () => {
      const all = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", uri, new vscode.Range(at, at));
      return all.some((a) => /^Step through why order escapes/.test(a.title)) && all;
    });
    const { command } = actions.find((a) => a.title.startsWith("Step through"));
    await vscode.commands.executeCommand(command.command, ...command.arguments);
    assert.equal(editor.selection.active.line, 20);
    await vscode.commands.executeCommand("goescape.step.leave");
    const rule = actions.find((a) => a.title.startsWith("Show the rule")).command;
    await vscode.commands.executeCommand(rule.command, ...rule.arguments);
    const page = await until("the page", () => vscode.workspace.textDocuments.find((d) => d.uri.scheme === "goescape-rule"));
    assert.match(page.getText(), /moved/);
  },
};

exports.run = async function run() {
  const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, "orders.go");
  const context = { uri };
  context.open = async () => {
    context.editor ??= await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
  };
  for (const [name, test] of Object.entries(tests)) {
    const from = Date.now();
    let told;
    try {
      told = await test(context);
    } catch (error) {
      console.log(JSON.stringify({ failed: name, why: String(error) }));
      throw error;
    }
    console.log(JSON.stringify({ point: name, seconds: (Date.now() - from) / 1000, told }));
  }
};
