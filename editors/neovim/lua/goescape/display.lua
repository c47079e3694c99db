---What is drawn into a buffer besides diagnostics: inlay hints, and the lines above functions.
local M = {}

local settings = require("goescape.settings")

---Draw what the settings ask for, now and after edits.
---@param client table
---@param bufnr integer
function M.attach(client, bufnr)
  local group = vim.api.nvim_create_augroup("goescape.buffer." .. bufnr, {})
  vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "TextChanged" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      M.refresh(client, bufnr)
    end,
  })
  vim.api.nvim_create_autocmd("LspDetach", {
    group = group,
    buffer = bufnr,
    callback = function(args)
      if args.data.client_id == client.id then
        vim.api.nvim_del_augroup_by_id(group)
      end
    end,
  })
  M.refresh(client, bufnr)
end

---@param client table
---@param method string
local function can(client, method)
  return vim.lsp.get_clients({ id = client.id, method = method })[1] ~= nil
end

---@param client table
---@param bufnr integer
function M.refresh(client, bufnr)
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  local hints = settings.get(client, "inlayHints") ~= "off"
  if hints and can(client, "textDocument/inlayHint") then
    if not vim.lsp.inlay_hint.is_enabled({ bufnr = bufnr }) then
      vim.lsp.inlay_hint.enable(true, { bufnr = bufnr })
    end
  end
  if can(client, "textDocument/codeLens") then
    if settings.get(client, "codeLens") then
      vim.lsp.codelens.refresh({ bufnr = bufnr })
    else
      vim.lsp.codelens.clear(client.id, bufnr)
    end
  end
end

return M
