;;; eglot.el --- goescape in Emacs, without a screen  -*- lexical-binding: t -*-
;; emacs --batch -f package-initialize -l goescape.el -l eglot.el GO-FILE; each step that holds says "ok: ...".
(setq eglot-sync-connect 60 make-backup-files nil create-lockfiles nil vc-handled-backends nil)

(defun e2e-texts () (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defun e2e-found (text)
  (seq-some (lambda (each) (string-match-p (regexp-quote text) each)) (e2e-texts)))

(defun e2e-wait (what test)
  "Let processes and timers run until TEST holds; fail with WHAT after a minute."
  (let ((end (+ (float-time) 60)))
    (while (not (funcall test))
      (when (> (float-time) end) (error "Never: %s; there are %S" what (e2e-texts)))
      (accept-process-output nil 0.05))
    (message "ok: %s" what)))

(defun e2e-replace (old new)
  "Replace the first OLD by NEW, and let the server know: without a user there is no idle time."
  (goto-char (point-min))
  (search-forward old)
  (replace-match new t t)
  (eglot--signal-textDocument/didChange)
  (flymake-start))

(setq-default eglot-workspace-configuration '(:goescape (:inline :json-false)))
(find-file (pop command-line-args-left))
(goescape)
(e2e-wait "connected" #'eglot-current-server)
(e2e-wait "managed" (lambda () (bound-and-true-p eglot--managed-mode)))
(flymake-start)
;; Without inlining, as is set, nobody knows which method is called.
(e2e-wait "x is moved to the heap" (lambda () (e2e-found "moved to heap: x")))

(goto-char (point-min))
(search-forward "x := 1")
(goto-char (match-beginning 0))
(let* ((answer (jsonrpc-request (eglot-current-server) :textDocument/hover
                                (eglot--TextDocumentPositionParams)))
       (text (plist-get (plist-get answer :contents) :value)))
  (unless (and (string-match-p "moved to heap: x" text) (string-match-p "address-of" text))
    (error "The hover is %S" text))
  (message "ok: hover"))

(e2e-replace "M(&x)" "M(nil) // 😀")
(e2e-wait "x stays on the stack" (lambda () (not (e2e-found "moved to heap: x"))))
(e2e-replace "M(nil)" "M(new(int))")
(e2e-wait "new(int) escapes" (lambda () (e2e-found "new(int) escapes to heap")))
(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
