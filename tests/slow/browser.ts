/**
 * Debian's Chromium, driven over its debugging pipe (one JSON message after the other, a zero byte between them). The few
 * calls that the tests need do not ask for a package that drives browsers.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Where it is; undefined when it is not installed. */
export function chromiumPath(): string | undefined {
  try {
    return execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

export interface Page {
  /** Opens an address with a window of this size, and waits until it is loaded. */
  open(url: string, width: number, height: number, scheme: "light" | "dark"): Promise<void>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  press(key: string): Promise<void>;
  pdf(): Promise<Uint8Array>;
  screenshot(): Promise<Uint8Array>;
  /** What the page asked for and what it complained about since it was opened. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export async function openBrowser(path: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const child: ChildProcess = spawn(
    path,
    ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", `--user-data-dir=${profile}`],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const input = child.stdio[3] as Writable;
  const output = child.stdio[4] as Readable;
  const waiting = new Map<number, (message: Message) => void>();
  const heard: ((message: Message) => void)[] = [];
  let text = "";
  output.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const parts = text.split("\0");
    text = parts.pop() as string;
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) for (const hear of heard) hear(message);
      else waiting.get(message.id)?.(message);
    }
  });
  let last = 0;
  const call = (
    method: string,
    params: object = {},
    sessionId?: string,
  ): Promise<Record<string, unknown>> => {
    const id = ++last;
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  };

  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  const send = (method: string, params: object = {}) => call(method, params, sessionId as string);
  const requests: string[] = [];
  const complaints: string[] = [];
  let loaded = (): void => {};
  heard.push(({ method, params = {} }) => {
    if (method === "Network.requestWillBeSent") requests.push((params["request"] as { url: string }).url);
    if (method === "Log.entryAdded") complaints.push(JSON.stringify(params["entry"]));
    if (method === "Runtime.exceptionThrown" || method === "Runtime.consoleAPICalled")
      complaints.push(JSON.stringify(params));
    if (method === "Page.loadEventFired") loaded();
  });
  for (const domain of ["Page", "Network", "Log", "Runtime"]) await send(`${domain}.enable`);
  const bytes = ({ data }: Record<string, unknown>): Uint8Array => Buffer.from(data as string, "base64");
  return {
    requests,
    complaints,
    async open(url, width, height, scheme) {
      requests.length = 0;
      complaints.length = 0;
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      await send("Emulation.setEmulatedMedia", { features });
      const done = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      await send("Page.navigate", { url });
      await done;
    },
    async evaluate<T>(expression: string) {
      const answer = await send("Runtime.evaluate", { expression, returnByValue: true });
      if (answer["exceptionDetails"] !== undefined)
        throw new Error(JSON.stringify(answer["exceptionDetails"]));
      return (answer["result"] as { value: T }).value;
    },
    async press(key) {
      for (const type of ["keyDown", "keyUp"])
        await send("Input.dispatchKeyEvent", {
          type,
          key,
          code: key,
          windowsVirtualKeyCode: key === "Tab" ? 9 : 0,
        });
    },
    pdf: async () => bytes(await send("Page.printToPDF", {})),
    screenshot: async () => bytes(await send("Page.captureScreenshot", { captureBeyondViewport: true })),
    async close() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await call("Browser.close").catch(() => child.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
