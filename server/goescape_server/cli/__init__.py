"""The command line: `goescape check`, `goescape lsp`, `goescape explain`."""
