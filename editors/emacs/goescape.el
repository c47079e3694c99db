;;; goescape.el --- Go's escape analysis while you type, with Eglot  -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "26.3") (eglot "1.9"))

;;; Commentary:

;; Load this file, visit a Go file and say `M-x goescape'.  The other Go files of the project follow.
;; Findings show through Flymake, the flow of the value at point through `C-h .', quick fixes through
;; `M-x eglot-code-actions'.  Settings go where Eglot keeps those of all servers:
;;
;;     (setq-default eglot-workspace-configuration
;;                   '(:goescape (:inline :json-false :diagnostics (:level "all"))))
;;
;; Eglot has one server for a buffer, so that goescape takes the place of gopls there.

;;; Code:

(require 'eglot)

(defgroup goescape nil
  "Go's escape analysis while you type."
  :group 'tools)

(defcustom goescape-command '("goescape" "lsp")
  "The server and its arguments."
  :type '(repeat string))

;;;###autoload
(defun goescape ()
  "Start goescape for the project of the current buffer."
  (interactive)
  (let ((eglot-server-programs
         (cons (cons '(go-mode go-ts-mode) goescape-command) eglot-server-programs)))
    (call-interactively #'eglot)))

(provide 'goescape)
;;; goescape.el ends here
