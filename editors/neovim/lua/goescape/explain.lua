---`:GoescapeExplain`: what a kind of finding means, and what can be done about it.
local M = {}

local goescape = require("goescape")

---The code of the finding under the cursor, or of the first one in its line.
---@return string?
local function code_here()
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local found = goescape.findings({ lnum = row - 1 })
  for _, d in ipairs(found) do
    if d.col <= col and (d.end_lnum > d.lnum or col < d.end_col) then
      return tostring(d.code)
    end
  end
  return found[1] and tostring(found[1].code)
end

---Show the page of `code` (that of the finding under the cursor, if it is "").
---@param code string
function M.open(code)
  if code == "" then
    local here = code_here()
    if not here then
      local hint = "nothing is found in this line; :GoescapeExplain CODE explains a kind"
      goescape.notify(hint, vim.log.levels.INFO)
      return
    end
    code = here
  end
  local params = { command = "goescape.explain", arguments = { code } }
  goescape.request("workspace/executeCommand", "nothing is known of " .. code, function(markdown)
    local lines = vim.split(vim.trim(markdown), "\n")
    vim.lsp.util.open_floating_preview(lines, "markdown", {
      border = "rounded",
      focus_id = "goescape.explain",
      max_width = 90,
    })
  end, params)
end

return M
