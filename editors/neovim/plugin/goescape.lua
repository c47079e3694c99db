-- Commands, and what happens in a buffer when the server attaches to it.
if vim.g.loaded_goescape then
  return
end
vim.g.loaded_goescape = true

local function complete(words)
  return function(lead)
    return vim.tbl_filter(function(word)
      return vim.startswith(word, lead)
    end, words)
  end
end

local command = vim.api.nvim_create_user_command

command("GoescapeStep", function(args)
  require("goescape.step").run(args.args)
end, {
  nargs = "?",
  complete = complete({ "next", "prev", "close" }),
  desc = "Step through why the value under the cursor is on the heap",
})

command("GoescapeGraph", function()
  require("goescape.graph").open()
end, { desc = "Show the escape graph of the function under the cursor" })

command("GoescapeExplain", function(args)
  require("goescape.explain").open(args.args)
end, { nargs = "?", desc = "Explain a kind of finding: that under the cursor, or one by its code" })

command("GoescapeSet", function(args)
  require("goescape.settings").set(args.fargs[1], table.concat(args.fargs, " ", 2))
end, {
  nargs = "+",
  complete = function(lead, line)
    return require("goescape.settings").complete(lead, line)
  end,
  desc = "Change a setting of the running server",
})

command("GoescapeCopyCommand", function()
  require("goescape").copy_compiler_command(vim.uri_from_bufnr(0))
end, { desc = "Copy the go command that prints what is found in this package" })

command("GoescapeRestart", function()
  require("goescape").restart()
end, { desc = "Start the server anew" })

vim.api.nvim_set_hl(0, "GoescapeStep", { default = true, link = "LspReferenceText" })
vim.api.nvim_set_hl(0, "GoescapeDecisive", { default = true, link = "DiagnosticVirtualTextWarn" })

for name, run in pairs(require("goescape").COMMANDS) do
  vim.lsp.commands[name] = function(command_)
    run(unpack(command_.arguments or {}))
  end
end

local group = vim.api.nvim_create_augroup("goescape", {})

vim.api.nvim_create_autocmd("LspAttach", {
  group = group,
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    if client and client.name == "goescape" then
      require("goescape.display").attach(client, args.buf)
    end
  end,
})
