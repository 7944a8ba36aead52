/** Whether this process may run programs that an experiment names; only the option `--allow-plugins` says so. */

let allowed = false;

export function allowPlugins(): void {
  allowed = true;
}

export function pluginsAllowed(): boolean {
  return allowed;
}

/** What a child process of this program has to be told. */
export function pluginFlags(): string[] {
  return allowed ? ["--allow-plugins"] : [];
}
