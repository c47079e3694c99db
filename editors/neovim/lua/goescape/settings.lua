---The settings of the server, and how they are changed while it runs.
local M = {}

---Every setting with its default; what each means is in |goescape-settings|.
M.DEFAULTS = {
  ["inline"] = true,
  ["goVersion"] = "",
  ["goos"] = "",
  ["goarch"] = "",
  ["tags"] = {},
  ["goroot"] = "",
  ["diagnostics.enable"] = true,
  ["diagnostics.level"] = "heap",
  ["diagnostics.kinds"] = vim.empty_dict(),
  ["diagnostics.cold"] = "dim",
  ["diagnostics.generated"] = false,
  ["diagnostics.outside"] = false,
  ["inlayHints"] = "off",
  ["codeLens"] = true,
  ["fixes.constantCapacity"] = 64,
}

---The value of a setting of a client, or its default.
---@param client table
---@param name string
function M.get(client, name)
  local value = (client.settings or {}).goescape
  for _, part in ipairs(vim.split(name, ".", { plain = true })) do
    if type(value) ~= "table" then
      break
    end
    value = value[part]
  end
  if value == nil then
    return M.DEFAULTS[name]
  end
  return value
end

---Lay `settings` over those of every running server.
---@param settings table
function M.configure(settings)
  for _, client in ipairs(vim.lsp.get_clients({ name = "goescape" })) do
    client.settings = vim.tbl_deep_extend("force", client.settings or {}, { goescape = settings })
    local params = { settings = client.settings }
    require("goescape").call(client, "notify", "workspace/didChangeConfiguration", params)
    for bufnr in pairs(client.attached_buffers) do
      require("goescape.display").refresh(client, bufnr)
    end
  end
end

---`:GoescapeSet name value`; without a value the setting is shown.
---@param name string
---@param text string
function M.set(name, text)
  local goescape = require("goescape")
  if M.DEFAULTS[name] == nil then
    goescape.notify("there is no setting " .. name)
    return
  end
  local client = goescape.client()
  if not client then
    return
  end
  if text == "" then
    goescape.notify(name .. " = " .. vim.json.encode(M.get(client, name)), vim.log.levels.INFO)
    return
  end
  local ok, value = pcall(vim.json.decode, text)
  if not ok then
    value = text
  end
  local settings = value
  local parts = vim.split(name, ".", { plain = true })
  for i = #parts, 1, -1 do
    settings = { [parts[i]] = settings }
  end
  M.configure(settings)
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local names = vim.tbl_keys(M.DEFAULTS)
  table.sort(names)
  local value_of = line:match("^%S+%s+(%S+)%s")
  if value_of then
    names = type(M.DEFAULTS[value_of]) == "boolean" and { "true", "false" } or {}
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

return M
