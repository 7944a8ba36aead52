/** `eventprop completion`: a script that completes commands, options and files, from the same tree that parses them. */

import { Argument, Command } from "commander";
import { commandLine } from "../core/command-line.ts";
import type { CommandCall } from "./command.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export function configure(command: Command): void {
  command
    .addArgument(new Argument("<shell>", "the shell to write the script for").choices(SHELLS))
    .addHelpText(
      "after",
      "\nThe script completes the command `eventprop`, which `npm install --global` or an alias provides." +
        '\n\nExamples:\n  $ eval "$(eventprop completion bash)"              in ~/.bashrc' +
        '\n  $ eval "$(eventprop completion zsh)"               in ~/.zshrc, after compinit' +
        "\n  $ eventprop completion fish > ~/.config/fish/completions/eventprop.fish" +
        `\n  $ ${commandLine("completion", "bash")}               prints the script`,
    );
}

interface Words {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly flag: string; readonly description: string }[];
}

export async function run({ operands, terminal, commands }: CommandCall<object>): Promise<number> {
  const [shell] = operands as [Shell];
  const words: Words[] = [];
  for (const entry of commands) {
    const command = new Command(entry.name);
    (await entry.load()).configure(command);
    const options = [...command.options, ...GLOBAL].flatMap(({ short, long, description }) =>
      [short, long].flatMap((flag) => (flag == null ? [] : [{ flag, description }])),
    );
    words.push({ name: entry.name, summary: entry.summary, options });
  }
  terminal.result(SCRIPTS[shell](words).trimEnd());
  return 0;
}

/** Options that every command has; they are declared on the program. */
const GLOBAL = [
  { short: "-h", long: "--help", description: "show help" },
  { short: "-v", long: "--verbose", description: "every step, the program, the time it took" },
  { short: "-q", long: "--quiet", description: "only results, warnings and errors" },
  { short: undefined, long: "--no-color", description: "no colors" },
  { short: undefined, long: "--allow-plugins", description: "run the programs that an experiment names" },
  { short: undefined, long: "--no-progress", description: "no progress line" },
] as const;

const SCRIPTS: Readonly<Record<Shell, (words: readonly Words[]) => string>> = {
  bash: (words) => `_eventprop() {
  local word=\${COMP_WORDS[COMP_CWORD]} command="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in -*) ;; *) command=\${COMP_WORDS[i]}; break ;; esac
  done
  COMPREPLY=()
  case $command in
    "") COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(" ")} help --version --help" -- "$word")) ;;
${words.map(({ name, options }) => `    ${name}) [[ $word == -* ]] && COMPREPLY=($(compgen -W "${options.map(({ flag }) => flag).join(" ")}" -- "$word")) ;;`).join("\n")}
    help) COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(" ")}" -- "$word")) ;;
  esac
}
complete -o bashdefault -o default -F _eventprop eventprop
`,
  zsh: (words) => `#compdef eventprop
_eventprop() {
  local -a commands options
  commands=(${words.map(({ name, summary }) => single(`${name}:${summary}`)).join(" ")})
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  options=()
  case $words[2] in
${words.map(({ name, options }) => `    ${name}) options=(${options.map(({ flag, description }) => single(`${flag}:${description}`)).join(" ")}) ;;`).join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then _describe option options; else _files; fi
}
compdef _eventprop eventprop
`,
  fish: (words) =>
    words
      .flatMap(({ name, summary, options }) => [
        `complete -c eventprop -n __fish_use_subcommand -f -a ${name} -d ${single(summary)}`,
        ...options.map(({ flag, description }) => {
          const kind = flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
          return `complete -c eventprop -n '__fish_seen_subcommand_from ${name}' ${kind} -d ${single(description)}`;
        }),
      ])
      .join("\n"),
};

/** A word for all three shells. */
function single(text: string): string {
  return `'${text.replaceAll("'", "’")}'`;
}
