/** The settings: which are the server's, and which are this client's alone. */

export const SECTION = "goescape";

/** Settings that the server does not know. */
export const CLIENT_ONLY: readonly string[] = ["decorations", "server", "trace"];

/** The settings of the section that the server takes. */
export function forServer(section: unknown): Record<string, unknown> {
  const entries = Object.entries(typeof section === "object" && section !== null ? section : {});
  return Object.fromEntries(entries.filter(([name]) => !CLIENT_ONLY.includes(name)));
}
