" goescape for ALE: copy this file to ~/.vim/ale_linters/go/, and name the linter in your vimrc:
"
"     let g:ale_linters = {'go': ['gopls', 'goescape']}
"     let g:ale_go_goescape_options = {'diagnostics': {'level': 'all'}}    " if you want to
call ale#Set('go_goescape_executable', 'goescape')
call ale#Set('go_goescape_options', {})

" The folder of the nearest go.mod, or that of the file.
function! ale_linters#go#goescape#FindProjectRoot(buffer) abort
    let l:mod = ale#path#FindNearestFile(a:buffer, 'go.mod')

    return fnamemodify(empty(l:mod) ? bufname(a:buffer) : l:mod, ':p:h')
endfunction

call ale#linter#Define('go', {
\   'name': 'goescape',
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'go_goescape_executable')},
\   'command': '%e lsp',
\   'project_root': function('ale_linters#go#goescape#FindProjectRoot'),
\   'language': 'go',
\   'initialization_options': {buffer -> ale#Var(buffer, 'go_goescape_options')},
\})
