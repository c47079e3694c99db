"""`python -m goescape_server` is the language server on stdio; with arguments, it is `goescape`."""

import sys

from goescape_server.cli.main import main

if __name__ == "__main__":
    main(sys.argv[1:] or ["lsp"])
