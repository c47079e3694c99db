#!/usr/bin/env bash
# Installs the editors of these tests, on Debian: Vim with ALE, Emacs with Eglot and go-mode.
set -euo pipefail
packages=(vim vim-ale emacs-nox elpa-eglot elpa-go-mode)
if dpkg -s "${packages[@]}" >/dev/null 2>&1; then exit 0; fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends "${packages[@]}" >/dev/null
