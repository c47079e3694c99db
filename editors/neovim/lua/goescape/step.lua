---`:GoescapeStep`: the way of a value through the source, hop by hop, as a quickfix list.
---
---The list has one entry for each step, from the value to where it is lost; `:cnext` and `:cprevious`
---walk it like any other. Marks at the ends of the lines say which step of how many a place is.
local M = {}

local goescape = require("goescape")

local namespace = vim.api.nvim_create_namespace("goescape.step")
local TITLE = "goescape: "

---@param derefs integer
---@return string
local function derefs_text(derefs)
  if derefs < 0 then
    return "takes the address"
  end
  return derefs == 0 and "copies" or ("dereferences %s"):format(derefs == 1 and "once" or derefs .. " times")
end

---The entries of the quickfix list for a flow of the server (`goescape/flow`).
---@param flow table
---@param encoding string
---@return table[]
function M.items(flow, encoding)
  local items = {}
  for i, step in ipairs(flow.steps) do
    local text = ("step %d of %d: %s"):format(i, #flow.steps, step.text ~= "" and step.text or step.flow)
    if step.why ~= "" then
      text = text .. (" (%s)"):format(step.why)
    end
    if step.flow ~= "" then
      text = text .. ("  %s, %s"):format(step.flow, derefs_text(step.derefs))
    end
    if step.decisive then
      text = text .. "  <- decides"
    end
    local item = { text = text, valid = 0 }
    if step.location and step.location ~= vim.NIL then
      item = vim.lsp.util.locations_to_items({ step.location }, encoding)[1]
      item.text = text
    end
    item.user_data = { step = i, decisive = step.decisive }
    table.insert(items, item)
  end
  return items
end

---Show at the end of each line which steps it has, and colour their text.
local function mark(items)
  for _, item in ipairs(items) do
    local bufnr = item.filename and vim.fn.bufadd(item.filename)
    if bufnr then
      vim.fn.bufload(bufnr)
      local group = item.user_data.decisive and "GoescapeDecisive" or "GoescapeStep"
      local ok = pcall(vim.api.nvim_buf_set_extmark, bufnr, namespace, item.lnum - 1, item.col - 1, {
        end_row = item.end_lnum - 1,
        end_col = item.end_col - 1,
        hl_group = group,
        virt_text = { { ("  %d/%d"):format(item.user_data.step, #items), group } },
        priority = 150,
      })
      if not ok then
        goescape.notify("the text has changed; ask again")
        return
      end
    end
  end
end

local function show(flow, client)
  M.close()
  local items = M.items(flow, client.offset_encoding)
  vim.fn.setqflist({}, " ", { title = TITLE .. flow.title, items = items })
  mark(items)
  vim.cmd("silent! cfirst")
  M.say()
end

---Whether the quickfix list at hand is one of ours.
---@return boolean
local function is_ours()
  return vim.startswith(vim.fn.getqflist({ title = 1 }).title or "", TITLE)
end

---Say which step is the current one.
function M.say()
  local list = vim.fn.getqflist({ idx = 0, items = 1 })
  local item = list.items[list.idx]
  if item then
    vim.api.nvim_echo({ { item.text } }, false, {})
  end
end

---Step from the cursor.
local function start()
  goescape.request("goescape/flow", "nothing is lost here", show)
end

---Step from a position of the protocol.
---@param uri string
---@param position table
function M.at(uri, position)
  local params = { textDocument = { uri = uri }, position = position }
  goescape.request("goescape/flow", "nothing is lost there", show, params)
end

---Take marks and list away.
function M.close()
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
  if is_ours() then
    vim.fn.setqflist({}, "r", { title = "", items = {} })
    vim.cmd("cclose")
  end
end

---@param what string
function M.run(what)
  if what == "" then
    start()
  elseif what == "close" then
    M.close()
  elseif what ~= "next" and what ~= "prev" then
    goescape.notify("one of next, prev, close was expected, not " .. what)
  elseif not is_ours() then
    goescape.notify(":GoescapeStep comes first")
  elseif pcall(vim.cmd, what == "next" and "silent cnext" or "silent cprevious") then
    M.say()
  else
    goescape.notify(what == "next" and "this is the last step" or "this is the first step")
  end
end

return M
