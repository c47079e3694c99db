"""The language server: settings, scheduling, and conversion to and from the protocol."""
