/**
 * A disk that loses power. It records what a program does to the files below one folder (opened, written, flushed,
 * renamed, removed), and rebuilds what a disk may hold when the power fails after any of these steps:
 *
 * - what was flushed is there; of what was written since, an arbitrary first part is, or zeros in its place;
 * - names that a folder got or lost since it was flushed itself are there up to an arbitrary step.
 *
 * Both are as bad as POSIX allows and worse than most file systems are.
 */

import type * as Fs from "node:fs";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

type Data = { readonly kind: "data"; readonly inode: number; readonly content: Buffer };
type Flush = { readonly kind: "flush"; readonly inode: number };
type Name = { readonly kind: "name"; readonly folder: string; readonly apply: (names: Names) => void };
type FlushFolder = { readonly kind: "flush folder"; readonly folder: string };
type Step = Data | Flush | Name | FlushFolder;

/** Path → number of a file, "folder", or the target of a link. */
type Names = Map<string, number | "folder" | { readonly link: string }>;

const steps: Step[] = [];
const now: Names = new Map();
const contents: Buffer[] = [];
const opened = new Map<number, { readonly inode?: number; readonly folder?: string }>();
let root: string | undefined;

/** Records what happens below `folder` from now on, until called without one. */
export function recordDisk(folder?: string): void {
  root = folder === undefined ? undefined : resolve(folder);
}

export function recordedSteps(): number {
  return steps.length;
}

function watched(path: unknown): string | undefined {
  if (root === undefined || typeof path !== "string") return undefined;
  const full = resolve(path);
  return full.startsWith(root) ? full : undefined;
}

function name(folder: string, apply: (names: Names) => void): void {
  apply(now);
  steps.push({ kind: "name", folder, apply });
}

function data(inode: number, content: Buffer): void {
  contents[inode] = content;
  steps.push({ kind: "data", inode, content });
}

/** The functions of node:fs that the program changes files with, recorded. */
export function recordingFs(fs: typeof Fs): typeof Fs {
  const recorded = {
    ...fs,
    openSync(path: string, flags = "r", mode?: number): number {
      const file = fs.openSync(path, flags, mode);
      const full = watched(path);
      if (full === undefined) return file;
      if (fs.fstatSync(file).isDirectory()) {
        opened.set(file, { folder: full });
        return file;
      }
      let inode = now.get(full);
      if (typeof inode !== "number") {
        const fresh = contents.push(Buffer.alloc(0)) - 1;
        inode = fresh;
        name(dirname(full), (names) => names.set(full, fresh));
      } else if (flags.startsWith("w")) data(inode, Buffer.alloc(0));
      opened.set(file, { inode });
      return file;
    },
    closeSync(file: number): void {
      opened.delete(file);
      fs.closeSync(file);
    },
    writeFileSync(file: number | string, content: string | Uint8Array): void {
      fs.writeFileSync(file, content);
      const { inode } = (typeof file === "number" ? opened.get(file) : undefined) ?? {};
      if (inode === undefined && watched(file) !== undefined)
        throw new Error(`written past the recorder: ${file}`);
      if (inode !== undefined)
        data(inode, Buffer.concat([contents[inode] as Buffer, Buffer.from(content as string)]));
    },
    ftruncateSync(file: number, length: number): void {
      fs.ftruncateSync(file, length);
      const { inode } = opened.get(file) ?? {};
      if (inode !== undefined) data(inode, (contents[inode] as Buffer).subarray(0, length));
    },
    fsyncSync(file: number): void {
      fs.fsyncSync(file);
      const { inode, folder } = opened.get(file) ?? {};
      if (inode !== undefined) steps.push({ kind: "flush", inode });
      if (folder !== undefined) steps.push({ kind: "flush folder", folder });
    },
    renameSync(from: string, to: string): void {
      fs.renameSync(from, to);
      const [a, b] = [watched(from), watched(to)];
      if (a === undefined || b === undefined) return;
      name(dirname(b), (names) => {
        const moved = names.get(a);
        if (moved === undefined) return;
        names.delete(a);
        names.set(b, moved);
      });
    },
    rmSync(path: string, options?: Fs.RmOptions): void {
      fs.rmSync(path, options);
      const full = watched(path);
      if (full !== undefined) name(dirname(full), (names) => names.delete(full));
    },
    mkdirSync(path: string, options?: Fs.MakeDirectoryOptions): void {
      fs.mkdirSync(path, options);
      const full = watched(path);
      if (full !== undefined) name(dirname(full), (names) => names.set(full, "folder"));
    },
    symlinkSync(target: string, path: string, type?: Fs.symlink.Type): void {
      fs.symlinkSync(target, path, type);
      const full = watched(path);
      if (full !== undefined) name(dirname(full), (names) => names.set(full, { link: target }));
    },
  };
  return recorded as unknown as typeof Fs;
}

/**
 * Writes to `to` what the disk may hold when the power fails before step `at`.
 * @param draw numbers from 0 to 1
 */
export function diskAfterPowerCut(from: string, to: string, at: number, draw: () => number): void {
  const past = steps.slice(0, at);
  const whole = (count: number): number => Math.min(count, Math.floor(draw() * (count + 1)));

  // How many changes of names each folder keeps: those before its last flush, and some of the later ones.
  const kept = new Map<string, number>();
  for (const folder of new Set(past.flatMap((step) => (step.kind === "name" ? [step.folder] : [])))) {
    const lastFlush = past.findLastIndex((step) => step.kind === "flush folder" && step.folder === folder);
    const isName = (step: Step): boolean => step.kind === "name" && step.folder === folder;
    const safe = past.slice(0, lastFlush + 1).filter(isName).length;
    kept.set(folder, safe + whole(past.filter(isName).length - safe));
  }
  const names: Names = new Map();
  for (const step of past) {
    if (step.kind !== "name") continue;
    const left = kept.get(step.folder)!;
    if (left === 0) continue;
    kept.set(step.folder, left - 1);
    step.apply(names);
  }

  const contentOf = (inode: number): Buffer => {
    const changes = past.flatMap((step, i) =>
      step.kind === "data" && step.inode === inode ? [{ step, i }] : [],
    );
    const lastFlush = past.findLastIndex((step) => step.kind === "flush" && step.inode === inode);
    const safe = changes.filter(({ i }) => i < lastFlush).length;
    const content = changes[safe + whole(changes.length - safe) - 1]?.step.content ?? Buffer.alloc(0);
    const flushed = changes[safe - 1]?.step.content.length ?? 0;
    // The length of a file may reach the disk before its bytes do.
    return draw() < 0.3 && content.length > flushed
      ? Buffer.concat([content.subarray(0, flushed), Buffer.alloc(content.length - flushed)])
      : content;
  };
  const base = resolve(from);
  mkdirSync(to, { recursive: true });
  for (const [path, entry] of [...names].sort(([a], [b]) => a.length - b.length)) {
    const there = join(to, relative(base, path));
    const parent = dirname(path);
    if (parent !== base && names.get(parent) !== "folder") continue;
    if (entry === "folder") mkdirSync(there, { recursive: true });
    else if (typeof entry === "number") writeFileSync(there, contentOf(entry));
    else symlinkSync(entry.link, there);
  }
}
