---Places that the server names, as Neovim's positions.
local M = {}

---Go to a location of the protocol, in the window at hand.
---@param location table
---@param encoding string
function M.jump(location, encoding)
  vim.lsp.util.show_document(location, encoding, { focus = true })
end

---`main.go:12` of a location.
---@param location table
---@return string
function M.name(location)
  local path = vim.uri_to_fname(location.uri)
  return vim.fs.basename(path) .. ":" .. (location.range.start.line + 1)
end

return M
