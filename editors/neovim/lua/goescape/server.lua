---Where the server is: the project's own environment, the PATH, or where uv and pipx keep programs.
---
---A program inside the project is run only if you trust it (|trust|): Neovim asks when it first meets
---it, and remembers the answer. Who sets `cmd` has decided: then nothing is looked for.
local M = {}

local WINDOWS = vim.fn.has("win32") == 1
local PROGRAM = WINDOWS and "goescape.exe" or "goescape"
local BIN = WINDOWS and "Scripts" or "bin"

M.INSTALL = "install it with `uv tool install .` or `pipx install .` in a clone of its repository,"
  .. ' or say where it is: vim.lsp.config("goescape", { cmd = { "/path/to/goescape", "lsp" } })'

---@param ... string?
---@return string?
local function join(...)
  for i = 1, select("#", ...) do
    if not select(i, ...) or select(i, ...) == "" then
      return nil
    end
  end
  return (table.concat({ ... }, "/"):gsub("//+", "/"))
end

---The places outside the project, in the order in which they count.
---@return { path: string, what: string }[]
local function places()
  local env, home = vim.env, vim.uv.os_homedir()
  local data = env.XDG_DATA_HOME or join(home, ".local/share")
  local list = {}
  local function add(what, path)
    if path then
      table.insert(list, { path = path, what = what })
    end
  end
  local on_path = vim.fn.exepath("goescape")
  add("PATH", on_path ~= "" and on_path or nil)
  add("uv", join(env.UV_TOOL_BIN_DIR, PROGRAM))
  add("uv", join(env.XDG_BIN_HOME, PROGRAM))
  add("uv", join(env.UV_TOOL_DIR or join(data, "uv/tools"), "goescape", BIN, PROGRAM))
  add("pipx", join(env.PIPX_BIN_DIR, PROGRAM))
  add("pipx", join(env.PIPX_HOME or join(data, "pipx"), "venvs/goescape", BIN, PROGRAM))
  add("pipx", join(home, ".local/pipx/venvs/goescape", BIN, PROGRAM))
  add("uv or pipx", join(home, ".local/bin", PROGRAM))
  return list
end

---The program in the project's virtual environment, if there is one.
---@param root string?
---@return string?
function M.in_project(root)
  local path = join(root, ".venv", BIN, PROGRAM)
  return path and vim.fn.executable(path) == 1 and path or nil
end

---The server's program outside the project, and where it was found; nil if there is none.
---@return string? program
---@return string? what
function M.outside()
  for _, place in ipairs(places()) do
    if vim.fn.executable(place.path) == 1 then
      return place.path, place.what
    end
  end
end

---The server's program for a project, and where it was found; nil if there is none. May ask.
---@param root string?
---@return string? program
---@return string? what
function M.find(root)
  local program = M.in_project(root)
  if program then
    local active = join(vim.env.VIRTUAL_ENV, BIN, PROGRAM)
    if program == active or vim.secure.read(program) then
      return program, "the project's .venv"
    end
  end
  return M.outside()
end

---The program that was started last for each root ("" for none).
---@type table<string, string>
M.started = {}

---Start the server; the `cmd` of the client.
function M.start(dispatchers, config)
  config = config or {}
  local root = config.root_dir or vim.fs.root(0, { "go.work", "go.mod", ".git" })
  local program = M.find(root)
  if not program then
    error("goescape: the server is not there; " .. M.INSTALL, 0)
  end
  M.started[root or ""] = program
  local extra = { cwd = config.cmd_cwd or root, env = config.cmd_env, detached = config.detached }
  return vim.lsp.rpc.start({ program, "lsp" }, dispatchers, extra)
end

return M
