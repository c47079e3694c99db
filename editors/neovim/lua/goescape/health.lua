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

---The command that would be started: the user's, or what is found.
---@return string[]?
local function command(root)
  local config = vim.lsp.config and vim.lsp.config.goescape
  local cmd = config and config.cmd
  if type(cmd) == "table" then
    vim.health.info("cmd is set: " .. table.concat(cmd, " "))
    return cmd
  end
  local project = server.in_project(root)
  local program, what = server.find(root)
  if program then
    vim.health.ok(("%s (found: %s)"):format(program, what))
    if project and project ~= program then
      vim.health.info(project .. " is not run: it is not trusted (:help trust)")
    end
    return { program, "lsp" }
  end
  vim.health.error("the server is not there", server.INSTALL)
end

local function check_server()
  vim.health.start("Server")
  local root = vim.fs.root(0, { "go.work", "go.mod", ".git" }) or vim.uv.cwd()
  local cmd = command(root)
  if not cmd then
    return
  end
  local ok, done = pcall(function()
    return vim.system({ cmd[1], "--version" }, { text = true }):wait(20000)
  end)
  if ok and done.code == 0 then
    vim.health.ok(vim.trim(done.stdout))
  else
    local why = ok and vim.trim(done.stderr) or tostring(done)
    vim.health.error(cmd[1] .. " does not run: " .. why, server.INSTALL)
  end
end

local function check_clients()
  vim.health.start("Clients")
  local clients = vim.lsp.get_clients({ name = "goescape" })
  if #clients == 0 then
    vim.health.info("none is running: it starts with the first Go file")
  end
  for _, client in ipairs(clients) do
    local buffers = #vim.tbl_keys(client.attached_buffers)
    vim.health.ok(("client %d: root %s, %d buffer(s)"):format(client.id, client.root_dir or "none", buffers))
    M._settings(client)
  end
end

---Settings that do not exist are told of.
function M._settings(client)
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

function M.check()
  check_editor()
  check_server()
  check_clients()
end

return M
