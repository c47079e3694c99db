"""The front ends of goescape: the command line (`cli`) and the language server (`lsp`).

Both are thin. They read settings, hand requests to the analysis, and turn its values into text or
messages of the protocol; they decide nothing about Go.
"""
