/**
 * Where the `goescape` program is. Looked for in this order: the setting, the virtual environments of the
 * workspace (only when it is trusted, for they belong to it), `VIRTUAL_ENV`, `PATH`, and the places of
 * `uv tool` and `pipx`. A setting that names nothing is an error, not a reason to look further.
 */
import * as path from "node:path";

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The workspace's folders, outermost choice first. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  /** The setting `goescape.server.path`; may be empty. */
  readonly setting: string;
  readonly isProgram: (file: string) => Promise<boolean>;
}

export type Found =
  | { readonly program: string; readonly origin: string }
  | { readonly program?: undefined; readonly problem: string };

export async function findServer(around: Surroundings): Promise<Found> {
  if (around.setting.trim() !== "") {
    const program = expand(around.setting.trim(), around);
    if (path.isAbsolute(program) && (await around.isProgram(program))) {
      return { program, origin: "the setting goescape.server.path" };
    }
    return { problem: `The setting goescape.server.path names no program: ${program}` };
  }
  for (const [program, origin] of candidates(around)) {
    if (await around.isProgram(program)) return { program, origin };
  }
  return { problem: "The goescape language server is not installed, or was not found." };
}

/** Every place where the program may be, best first, each with a name for the log. */
export function* candidates(around: Surroundings): Generator<readonly [string, string]> {
  const { env, home, platform } = around;
  const windows = platform === "win32";
  const join = (windows ? path.win32 : path.posix).join;
  const name = windows ? "goescape.exe" : "goescape";
  const scripts = windows ? "Scripts" : "bin";

  if (around.trusted) {
    for (const folder of around.folders) {
      for (const venv of [".venv", "venv"]) {
        yield [join(folder, venv, scripts, name), "the workspace's virtual environment"];
      }
    }
  }
  if (env["VIRTUAL_ENV"]) yield [join(env["VIRTUAL_ENV"], scripts, name), "VIRTUAL_ENV"];
  for (const directory of onPath(around)) yield [join(directory, name), "PATH"];

  const data = env["XDG_DATA_HOME"] || join(home, ".local", "share");
  const shims = [env["UV_TOOL_BIN_DIR"], env["XDG_BIN_HOME"], env["PIPX_BIN_DIR"], join(home, ".local", "bin")];
  for (const directory of shims) if (directory) yield [join(directory, name), "uv tool or pipx"];
  const uv = [env["UV_TOOL_DIR"], windows && env["APPDATA"] ? join(env["APPDATA"], "uv", "tools") : join(data, "uv", "tools")];
  for (const tools of uv) if (tools) yield [join(tools, "goescape", scripts, name), "uv tool"];
  const pipx = [env["PIPX_HOME"], join(data, "pipx"), join(home, ".local", "pipx"), join(home, "pipx")];
  for (const base of pipx) if (base) yield [join(base, "venvs", "goescape", scripts, name), "pipx"];
}

/** The directories of PATH. In a workspace that is not trusted none that lies in it counts. */
function onPath({ env, platform, folders, trusted }: Surroundings): string[] {
  const { delimiter, isAbsolute, relative } = platform === "win32" ? path.win32 : path.posix;
  const value = env["PATH"] ?? env["Path"] ?? "";
  const outside = (directory: string, folder: string) => {
    const way = relative(folder, directory);
    return way.startsWith("..") || isAbsolute(way);
  };
  return value
    .split(delimiter)
    .filter((directory) => isAbsolute(directory))
    .filter((directory) => trusted || folders.every((folder) => outside(directory, folder)));
}

function expand(setting: string, { home, folders, env }: Surroundings): string {
  return setting
    .replace(/^~(?=$|[\\/])/, home)
    .replaceAll("${workspaceFolder}", folders[0] ?? "")
    .replaceAll("${userHome}", home)
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => env[name] ?? "");
}
