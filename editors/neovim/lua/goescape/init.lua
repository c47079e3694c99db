---Go's escape analysis in Neovim: the language client of `goescape lsp`.
---
---Neovim 0.11 or newer: `vim.lsp.enable("goescape")`. Neovim 0.10: `require("goescape").setup({})`.
---See `:help goescape`.
local M = {}

---What this client carries out itself, for code actions and code lenses (|lsp-commands|). The server
---is told of these, and offers nothing that it is not.
M.COMMANDS = {
  ["goescape.stepThrough"] = function(uri, position)
    require("goescape.step").at(uri, position)
  end,
  ["goescape.showFindings"] = function(uri, position)
    M.show_findings(uri, position)
  end,
  ["goescape.showRule"] = function(code)
    require("goescape.explain").open(code)
  end,
  ["goescape.copyCompilerCommand"] = function(uri)
    M.copy_compiler_command(uri)
  end,
}

---Call a function of a client, which Neovim 0.11 made a method.
---@param client table
---@param name string
---@param ... any
function M.call(client, name, ...)
  if vim.fn.has("nvim-0.11") == 1 then
    return client[name](client, ...)
  end
  return client[name](...)
end

---An edit in one file changes what is found in others, and the server asks to be asked again. Where
---Neovim does not know how (0.11 and older), it is told here.
local REFRESH = {
  ["workspace/diagnostic/refresh"] = function(client, bufnr)
    local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
    M.call(client, "request", "textDocument/diagnostic", params, nil, bufnr)
  end,
  ["workspace/codeLens/refresh"] = function(client, bufnr)
    require("goescape.display").refresh(client, bufnr)
  end,
}

local function handlers()
  local list = {}
  for method, refresh in pairs(REFRESH) do
    list[method] = vim.lsp.handlers[method]
      or function(_, _, context)
        local client = vim.lsp.get_client_by_id(context.client_id)
        for bufnr in pairs(client and client.attached_buffers or {}) do
          refresh(client, bufnr)
        end
        return vim.NIL
      end
  end
  return list
end

---The configuration of the language client, in the form of |vim.lsp.ClientConfig|.
---@return table
function M.config()
  local again = { refreshSupport = true }
  local capabilities = { workspace = { diagnostics = again, codeLens = again } }
  if not vim.lsp.config then
    local all = vim.lsp.protocol.make_client_capabilities()
    capabilities = vim.tbl_deep_extend("force", all, capabilities)
  end
  return {
    name = "goescape",
    cmd = function(dispatchers, config)
      return require("goescape.server").start(dispatchers, config)
    end,
    filetypes = { "go" },
    root_markers = { "go.work", "go.mod", ".git" },
    init_options = { commands = vim.tbl_keys(M.COMMANDS) },
    capabilities = capabilities,
    handlers = handlers(),
  }
end

---Start the server for every Go file. `opts` is laid over the configuration: `cmd`, `settings`, …
---@param opts table?
function M.setup(opts)
  opts = opts or {}
  if vim.lsp.config and vim.lsp.enable then
    vim.lsp.config("goescape", opts)
    vim.lsp.enable("goescape")
    return
  end
  local config = vim.tbl_deep_extend("force", M.config(), opts)
  local function start(bufnr)
    if vim.bo[bufnr].buftype == "" then
      config.root_dir = opts.root_dir or vim.fs.root(bufnr, config.root_markers)
      vim.lsp.start(vim.deepcopy(config), { bufnr = bufnr })
    end
  end
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("goescape.start", {}),
    pattern = config.filetypes,
    callback = function(args)
      start(args.buf)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].filetype == "go" then
      start(bufnr)
    end
  end
end

---The client of a buffer (0: the current one); nil, and a message, when there is none.
---@param bufnr integer?
function M.client(bufnr)
  local client = vim.lsp.get_clients({ name = "goescape", bufnr = bufnr or 0 })[1]
  if not client then
    M.notify("it is not attached to this buffer (:checkhealth goescape)")
  end
  return client
end

---Ask the server about a position (the cursor's, if none is given). `answer` gets the result and the
---client; nothing is called when there is no result, but `nothing` is said.
---@param method string
---@param nothing string
---@param answer fun(result: any, client: table)
---@param params table?
function M.request(method, nothing, answer, params)
  local client = M.client()
  if not client then
    return
  end
  params = params or vim.lsp.util.make_position_params(0, client.offset_encoding)
  local function handle(err, result)
    if err then
      M.notify(err.message)
    elseif result == nil or result == vim.NIL then
      M.notify(nothing, vim.log.levels.INFO)
    else
      answer(result, client)
    end
  end
  M.call(client, "request", method, params, handle, 0)
end

---The findings in the current buffer.
---@param options table? as for |vim.diagnostic.get()|
---@return vim.Diagnostic[]
function M.findings(options)
  return vim.tbl_filter(function(d)
    return d.source == "goescape"
  end, vim.diagnostic.get(0, options))
end

---Go to the place of a code lens, and list the findings of the file.
---@param uri string
---@param position table
function M.show_findings(uri, position)
  local client = M.client()
  if client then
    local place = { uri = uri, range = { start = position, ["end"] = position } }
    require("goescape.place").jump(place, client.offset_encoding)
    local items = vim.diagnostic.toqflist(M.findings())
    vim.fn.setloclist(0, {}, " ", { title = "goescape", items = items })
    vim.cmd("lopen")
  end
end

---Put the command that makes the compiler say the same into the unnamed register, and into the
---clipboard where there is one.
---@param uri string
function M.copy_compiler_command(uri)
  local params = { command = "goescape.compilerCommand", arguments = { uri } }
  M.request("workspace/executeCommand", "there is no command for this file", function(text)
    vim.fn.setreg('"', text)
    pcall(vim.fn.setreg, "+", text)
    M.notify("copied: " .. text, vim.log.levels.INFO)
  end, params)
end

---Start the server of the current buffer anew, for all its buffers.
function M.restart()
  local client = M.client()
  if not client then
    return
  end
  local buffers = vim.tbl_keys(client.attached_buffers)
  local config = vim.deepcopy(client.config)
  config.settings = client.settings
  vim.lsp.stop_client(client.id, true)
  local timer = assert(vim.uv.new_timer())
  timer:start(
    20,
    20,
    vim.schedule_wrap(function()
      if timer:is_closing() or vim.lsp.get_client_by_id(client.id) then
        return
      end
      timer:close()
      for _, bufnr in ipairs(buffers) do
        if vim.api.nvim_buf_is_valid(bufnr) then
          vim.lsp.start(config, { bufnr = bufnr })
        end
      end
    end)
  )
end

---@param message string
---@param level integer?
function M.notify(message, level)
  vim.notify("goescape: " .. message, level or vim.log.levels.WARN)
end

return M
