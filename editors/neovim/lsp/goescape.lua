-- Neovim 0.11 or newer: the built-in client, no plugin. Put this file into `lsp/` of a directory on
-- 'runtimepath' (for example ~/.config/nvim/lsp/) and call vim.lsp.enable("goescape").
return {
  cmd = { vim.env.GOESCAPE or "goescape", "lsp" },
  filetypes = { "go" },
  root_markers = { "go.work", "go.mod", ".git" },
}
