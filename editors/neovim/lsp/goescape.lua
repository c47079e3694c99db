-- The configuration that vim.lsp.enable("goescape") starts (Neovim 0.11 or newer). What you set with
-- vim.lsp.config("goescape", { ... }) is laid over it.
return require("goescape").config()
