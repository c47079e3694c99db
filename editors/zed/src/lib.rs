//! goescape for Zed: the server on PATH, with the settings of `lsp.goescape.settings`.

use zed_extension_api::{
    self as zed, serde_json, settings::LspSettings, Command, LanguageServerId, Result, Worktree,
};

struct Goescape;

impl zed::Extension for Goescape {
    fn new() -> Self {
        Goescape
    }

    fn language_server_command(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let command = worktree
            .which("goescape")
            .ok_or("goescape is not on PATH; install it with `uv tool install .` in a clone of its repository")?;
        Ok(Command {
            command,
            args: vec!["lsp".into()],
            env: worktree.shell_env(),
        })
    }

    fn language_server_workspace_configuration(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings = LspSettings::for_worktree("goescape", worktree)?.settings;
        Ok(Some(serde_json::json!({ "goescape": settings })))
    }
}

zed::register_extension!(Goescape);
