" goescape in Vim with ALE, without a screen:
"   vim -N -es -u ale.vim -n GO-FILE    (LINTERS: the folder to copy; OUT: where the steps are written)
set nocompatible hidden noswapfile
set runtimepath^=/usr/share/vim-ale
execute 'set runtimepath^=' . $LINTERS
filetype plugin on
let g:ale_linters = {'go': ['goescape']}
let g:ale_go_goescape_options = {'inline': v:false}
let g:ale_lint_delay = 50
runtime plugin/ale.vim

function! s:Found(text) abort
  return !empty(filter(copy(ale#engine#GetLoclist(bufnr(''))), 'stridx(v:val.text, a:text) >= 0'))
endfunction

function! s:Wait(what, text, wanted) abort
  for l:i in range(1200)
    if s:Found(a:text) == a:wanted
      call add(s:out, 'ok: ' . a:what)
      return
    endif
    sleep 50m
  endfor
  call add(s:out, 'never: ' . a:what . ' ' . string(ale#engine#GetLoclist(bufnr(''))))
endfunction

function! s:Main() abort
  let s:out = []
  set filetype=go
  call ale#Queue(0)
  " Without inlining, as is set, nobody knows which method is called.
  call s:Wait('x is moved to the heap', 'moved to heap: x', 1)
  %s/M(&x)/M(nil)/
  call ale#Queue(0)
  call s:Wait('x stays on the stack', 'moved to heap: x', 0)
  %s/M(nil)/M(new(int))/
  call ale#Queue(0)
  call s:Wait('new(int) escapes', 'new(int) escapes to heap', 1)
  call writefile(s:out, $OUT)
  execute empty(filter(copy(s:out), 'v:val =~# "^never"')) ? 'qall!' : 'cquit!'
endfunction

autocmd VimEnter * call s:Main()
