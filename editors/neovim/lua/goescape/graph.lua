---`:GoescapeGraph`: the escape graph of the function under the cursor, in a floating window.
---
---In it `<CR>` goes to the place of a line, `q` and `<Esc>` close it. What the line under the cursor is
---about is coloured wherever it stands, so that walking down the steps plays them in the tree.
local M = {}

local goescape = require("goescape")
local place = require("goescape.place")
local tree = require("goescape.tree")

local namespace = vim.api.nvim_create_namespace("goescape.graph")
local same = vim.api.nvim_create_namespace("goescape.graph.same")

local function show(graph, client)
  local lines = tree.lines(graph)
  local texts, width = {}, 20
  for i, line in ipairs(lines) do
    texts[i] = line.text
    width = math.max(width, vim.fn.strdisplaywidth(line.text))
  end
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, texts)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].bufhidden = "wipe"
  vim.bo[bufnr].filetype = "goescape"
  local cursor = 1
  for i, line in ipairs(lines) do
    local row = i - 1
    if line.on_path then
      cursor = cursor == 1 and i or cursor
      vim.api.nvim_buf_set_extmark(bufnr, namespace, row, 0, {
        end_col = #line.text,
        hl_group = "GoescapeDecisive",
      })
    elseif not line.location and not line.text:match("^%s") and line.text ~= "" then
      vim.api.nvim_buf_set_extmark(bufnr, namespace, row, 0, {
        end_col = #line.text,
        hl_group = "Title",
      })
    end
  end
  local from = vim.api.nvim_get_current_win()
  local columns, rows = vim.o.columns, vim.o.lines - vim.o.cmdheight
  width = math.min(width, math.max(columns - 4, 1))
  local height = math.min(#lines, math.max(rows - 4, 1))
  local win = vim.api.nvim_open_win(bufnr, true, {
    relative = "editor",
    row = math.max(math.floor((rows - height) / 2) - 1, 0),
    col = math.max(math.floor((columns - width) / 2) - 1, 0),
    width = width,
    height = height,
    style = "minimal",
    border = "rounded",
    title = " " .. graph["function"] .. " ",
  })
  vim.wo[win].wrap = false
  vim.wo[win].cursorline = true
  vim.api.nvim_win_set_cursor(win, { cursor, 0 })

  vim.api.nvim_create_autocmd("CursorMoved", {
    buffer = bufnr,
    callback = function()
      vim.api.nvim_buf_clear_namespace(bufnr, same, 0, -1)
      local here = lines[vim.api.nvim_win_get_cursor(0)[1]].node
      for i, line in ipairs(lines) do
        if here and line.node == here then
          vim.api.nvim_buf_set_extmark(bufnr, same, i - 1, 0, {
            end_col = #line.text,
            hl_group = "GoescapeStep",
            priority = 200,
          })
        end
      end
    end,
  })

  local function close()
    if vim.api.nvim_win_is_valid(win) then
      vim.api.nvim_win_close(win, true)
    end
  end
  local function jump()
    local line = lines[vim.api.nvim_win_get_cursor(win)[1]]
    if line.location then
      close()
      vim.api.nvim_set_current_win(from)
      place.jump(line.location, client.offset_encoding)
    end
  end
  local function map(keys, act, desc)
    for _, key in ipairs(keys) do
      vim.keymap.set("n", key, act, { buffer = bufnr, nowait = true, desc = desc })
    end
  end
  map({ "q", "<Esc>" }, close, "close the graph")
  map({ "<CR>" }, jump, "go to the place of the line")
end

---Show the graph of the function under the cursor.
function M.open()
  goescape.request("goescape/graph", "there is no function here", show)
end

return M
