---`:checkhealth goescape`: what is needed is there, and speaks.
local M = {}

local server = require("goescape.server")
local settings = require("goescape.settings")

local function check_editor()
  vim.health.start("Neovim")
  local v = vim.version()
  local version = ("%d.%d.%d"):format(v.major, v.minor, v.patch)
  if vim.fn.has("nvim-0.11") == 1 then
    vim.health.ok("Neovim " .. version .. ' (vim.lsp.enable("goescape"))')
  elseif vim.fn.has("nvim-0.10") == 1 then
    vim.health.ok("Neovim " .. version .. ' (require("goescape").setup({}))')
  else
    vim.health.error("Neovim " .. version .. " is too old", "0.10 or newer is needed")
  end
end

---The program that is started outside projects that bring their own.
---@return string?
local function program()
  local config = vim.lsp.config and vim.lsp.config.goescape
  local cmd = config and config.cmd
  if type(cmd) == "table" then
    vim.health.info("cmd is set: " .. table.concat(cmd, " "))
    return cmd[1]
  end
  local found, what = server.outside()
  if found then
    vim.health.ok(("%s (found: %s)"):format(found, what))
  else
    vim.health.warn("the server is neither on PATH nor where uv and pipx put it", server.INSTALL)
  end
  return found
end

local function check_server()
  vim.health.start("Server")
  local path = program()
  if not path then
    return
  end
  local ok, done = pcall(function()
    return vim.system({ path, "--version" }, { text = true }):wait(20000)
  end)
  if ok and done.code == 0 then
    vim.health.ok(vim.trim(done.stdout))
  else
    local why = ok and vim.trim(done.stderr) or tostring(done)
    vim.health.error(path .. " does not run: " .. why, server.INSTALL)
  end
end

---Settings that do not exist are told of.
local function check_settings(client)
  local function walk(value, prefix)
    for name, inner in pairs(value) do
      local full = prefix .. name
      if settings.DEFAULTS[full] == nil then
        if type(inner) == "table" and not vim.islist(inner) then
          walk(inner, full .. ".")
        else
          vim.health.warn("there is no setting " .. full)
        end
      end
    end
  end
  walk((client.settings or {}).goescape or {}, "")
end

local function check_clients()
  vim.health.start("Clients")
  local clients = vim.lsp.get_clients({ name = "goescape" })
  if #clients == 0 then
    vim.health.info("none is running: it starts with the first Go file")
  end
  for _, client in ipairs(clients) do
    local buffers = #vim.tbl_keys(client.attached_buffers)
    local root = client.root_dir or ""
    local where = root ~= "" and "in " .. root or "without a root"
    local what = ("client %d, %s, %d buffer(s)"):format(client.id, where, buffers)
    vim.health.ok(what .. (server.started[root] and ": " .. server.started[root] or ""))
    local project = server.in_project(root)
    if project and server.started[root] and project ~= server.started[root] then
      vim.health.info(project .. " is not run: it is not trusted (:help trust)")
    end
    check_settings(client)
  end
end

function M.check()
  check_editor()
  check_server()
  check_clients()
end

return M
