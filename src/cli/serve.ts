/** `eventprop serve`: gives the chip of an experiment to hosts on other machines. */

import { type Command, InvalidArgumentError } from "commander";
import { DEFAULT_PORT as PORT } from "../chip/remote/protocol.ts";
import { commandLine } from "../core/command-line.ts";
import type { CommandCall } from "./command.ts";
import { loadOptions, type OverrideOptions, overrideFlags } from "./overrides.ts";
import { listenForStops } from "./stop.ts";

interface ServeOptions extends OverrideOptions {
  readonly host: string;
  readonly port: number;
  readonly entries: number;
  readonly json?: boolean;
}

/** Entries of one run: some 50 MB of spikes and samples. */
const ENTRIES = 5000;
const LOOPBACK = /^(127\.|localhost$|::1$)/;

export function configure(command: Command): void {
  command.argument(
    "<experiment.yaml>",
    "experiment file: the chip that its section `chip` describes is served",
  );
  overrideFlags(command)
    .option("--host <address>", "where to listen; 0.0.0.0 for hosts on other machines", "127.0.0.1")
    .option("--port <number>", "port; 0 for any that is free", integer(0, 65535), PORT)
    .option("--entries <number>", "batch entries of one run at most", integer(1, 1e6), ENTRIES)
    .option("--json", "address and chip as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nHosts use it with `chip: { kind: remote, address: host:port }`. Ctrl-C ends it." +
        "\nThere is no password: whoever reaches the port can use the chip." +
        `\n\nExample:\n  $ ${commandLine("serve", "experiments/yin-yang.yaml")}` +
        `\n  $ ${commandLine("train", "experiments/yin-yang.yaml", "--set", `chip={kind: remote, address: "127.0.0.1:${PORT}"}`)}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<ServeOptions>): Promise<number> {
  const [file] = operands as [string];
  const { host, entries } = options;
  const { UserError } = await import("../core/errors.ts");
  const { loadExperiment } = await import("../experiment/load.ts");
  const { openChip } = await import("../chip/index.ts");
  const { serveChip } = await import("../chip/remote/server.ts");
  const { chip } = loadExperiment(file, loadOptions(options)).experiment;
  if (chip.kind === "software")
    throw new UserError("usage", `${file} has no chip to serve`, {
      hint: "set chip.kind to ideal or simulated",
    });
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const stops = listenForStops(stop, (code) => process.exit(code));
  const server = await serveChip(
    (noiseSeed) => openChip({ ...chip, ...(noiseSeed === undefined ? {} : { noiseSeed }) }),
    { host, port: options.port, entries, say: (line) => terminal.say(line) },
  );
  const address = host.includes(":") ? `[${host}]:${server.port}` : `${host}:${server.port}`;
  if (!LOOPBACK.test(host))
    terminal.warn("everyone who reaches this port can use the chip: there is no password");
  terminal.result(
    options.json === true
      ? JSON.stringify({ ok: true, address, chip: server.info.id })
      : `${address} serves ${server.info.id} (${server.info.description})`,
  );
  await stopped;
  await server.close();
  return stops.exitCode();
}

function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`must be an integer from ${least} to ${most}.`);
    return value;
  };
}
