" goescape for vim-lsp: put this into your vimrc.
if executable('goescape')
  autocmd User lsp_setup call lsp#register_server({
      \ 'name': 'goescape',
      \ 'cmd': {info -> ['goescape', 'lsp']},
      \ 'root_uri': {info -> lsp#utils#path_to_uri(lsp#utils#find_nearest_parent_file_directory(
      \     lsp#utils#get_buffer_path(), ['go.work', 'go.mod', '.git/']))},
      \ 'allowlist': ['go'],
      \ 'workspace_config': {'goescape': {'inline': v:true}},
      \ })
endif
