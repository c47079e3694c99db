---The escape graph as text: a tree for each place that values are lost to, then the solver's walk.
---
---A line of a tree is a location, below the one that it flows to; `&x` means that the address of x
---flows, `*x` what it points to. `>` marks the way on which the value under the cursor is lost. What
---was shown before is not shown again below a second parent.
---
---For `func f() *int { x := 1; return &x }`:
---
---      ~r0     f.go:1
---    > └─ &x  return &x (address-of, return)  moved to heap: x  f.go:1
local M = {}

---@class goescape.Line
---@field text string
---@field location table? where the line leads to
---@field node string? the location that it is about
---@field on_path boolean?

local KINDS = { heap = 1, result = 2, callee = 3, mutator = 4 }
local MAX_WIDTH = 48

local place = require("goescape.place")

---@param derefs integer
---@return string
local function ops(derefs)
  return derefs < 0 and "&" or ("*"):rep(derefs)
end

---@param node table
local function location(node)
  if node.uri and node.uri ~= vim.NIL then
    return { uri = node.uri, range = node.range }
  end
end

---@param text string
---@param width integer
local function pad(text, width)
  return text .. (" "):rep(width - vim.fn.strdisplaywidth(text))
end

---@param value string
local function cut(value)
  value = value:gsub("%s+", " ")
  if vim.fn.strchars(value) > MAX_WIDTH then
    return vim.fn.strcharpart(value, 0, MAX_WIDTH - 1) .. "…"
  end
  return value
end

---Locations that nothing flows to or from.
local function add_rest(out, graph, shown)
  local alone = vim.tbl_filter(function(node)
    return not shown[node.id] and node.kind ~= "heap"
  end, graph.nodes)
  if #alone == 0 then
    return
  end
  table.insert(out, { text = "" })
  table.insert(out, { text = "Without a flow" })
  for _, node in ipairs(alone) do
    local text = "  " .. cut(node.label)
    if node.verdict ~= "" then
      text = text .. "  " .. node.verdict
    end
    table.insert(out, { text = text, location = location(node) })
  end
end

---The solver's walk, in its order.
local function add_solver(out, graph, nodes)
  if #graph.solver == 0 then
    return
  end
  table.insert(out, { text = "" })
  table.insert(out, { text = "How it was solved" })
  for i, step in ipairs(graph.solver) do
    local indent = (step.kind == "starts" or step.kind == "direct") and "" or "  "
    local node = nodes[step.node]
    local text = ("  %3d  %s%s"):format(i, indent, step.event)
    table.insert(out, { text = text, location = location(node), node = node.id })
  end
end

---The lines for a graph of the server.
---@param graph table the answer to `goescape/graph`
---@return goescape.Line[]
function M.lines(graph)
  local nodes, incoming, outgoing = {}, {}, {}
  for _, node in ipairs(graph.nodes) do
    nodes[node.id] = node
    incoming[node.id], outgoing[node.id] = {}, {}
  end
  for _, edge in ipairs(graph.edges) do
    table.insert(incoming[edge.to], edge)
    table.insert(outgoing[edge.from], edge)
  end
  local several = false
  for _, node in ipairs(graph.nodes) do
    several = several or (node["function"] ~= "" and node["function"] ~= graph["function"])
  end

  local out = {} ---@type goescape.Line[]
  local rows = {} ---@type { tree: string, edge: table?, node: table, again: boolean }[]
  local shown = {}

  ---@param id string
  ---@param edge table? by which it flows to its parent
  ---@param prefix string
  ---@param last boolean
  local function add(id, edge, prefix, last)
    local node = nodes[id]
    local branch = edge and prefix .. (last and "└─ " or "├─ ") or ""
    local label = (edge and ops(edge.derefs) or "") .. node.label
    if several and node["function"] ~= "" then
      label = label .. " in " .. node["function"]
    end
    local again = shown[id] and #incoming[id] > 0
    table.insert(rows, { tree = branch .. cut(label), edge = edge, node = node, again = again })
    if shown[id] then
      return
    end
    shown[id] = true
    local below = edge and prefix .. (last and "   " or "│  ") or ""
    -- The way of the value under the cursor comes first.
    local edges = vim.list_extend({}, incoming[id])
    table.sort(edges, function(a, b)
      if a.onPath ~= b.onPath then
        return a.onPath
      end
      return tonumber(a.id:sub(2)) < tonumber(b.id:sub(2))
    end)
    for i, next_edge in ipairs(edges) do
      add(next_edge.from, next_edge, below, i == #edges)
    end
  end

  -- What values are lost to comes first, then what flows nowhere, then cycles.
  local roots = vim.tbl_filter(function(node)
    return #incoming[node.id] > 0
  end, graph.nodes)
  local rank = {}
  for i, node in ipairs(graph.nodes) do
    rank[node.id] = (KINDS[node.kind] or (#outgoing[node.id] == 0 and 5 or 6)) * 100000 + i
  end
  table.sort(roots, function(a, b)
    return rank[a.id] < rank[b.id]
  end)
  for _, node in ipairs(roots) do
    if not shown[node.id] then
      add(node.id, nil, "", true)
    end
  end

  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, vim.fn.strdisplaywidth(row.tree))
  end
  table.insert(out, { text = "Escape graph of " .. graph["function"] })
  if graph.note ~= "" then
    table.insert(out, { text = graph.note })
  end
  table.insert(out, { text = "" })
  for _, row in ipairs(rows) do
    local parts = {}
    if row.edge and row.edge.text ~= "" then
      table.insert(parts, ("%s (%s)"):format(cut(row.edge.text), row.edge.why))
    end
    if row.again then
      table.insert(parts, "see above")
    elseif row.node.verdict ~= "" then
      table.insert(parts, row.node.verdict)
    end
    local where = row.edge and row.edge.location ~= vim.NIL and row.edge.location or location(row.node)
    if where then
      table.insert(parts, place.name(where))
    end
    local on_path = row.edge ~= nil and row.edge.onPath
    local text = (on_path and "> " or "  ") .. pad(row.tree, width) .. "  " .. table.concat(parts, "  ")
    text = text:gsub("%s+$", "")
    table.insert(out, { text = text, location = where, node = row.node.id, on_path = on_path })
  end
  add_rest(out, graph, shown)
  add_solver(out, graph, nodes)
  return out
end

return M
