import { execFileSync } from "node:child_process";
import {
  closeSync,
  fdatasyncSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { percentile } from "./figures.ts";

/** `2 × Intel Xeon, 23 GB, Node 24.21.0, linux x64, fdatasync of 4 KiB p50 0.41 ms` */
export function describeMachine(directory: string): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown processor";
  const gigabytes = Math.round(totalmem() / 1e9);
  const node = process.versions.node;
  return `${cores.length} × ${model}, ${gigabytes} GB, Node ${node}, ${process.platform} ${process.arch}, ${describeDisk(directory)}`;
}

const syncCount = 200;
const blockBytes = 4_096;

/** A durable write means nothing without what the disk itself takes for one. */
function describeDisk(directory: string): string {
  const path = join(directory, "fsync-probe");
  const descriptor = openSync(path, "w");
  const block = Buffer.alloc(blockBytes);
  const timesMs: number[] = [];
  for (let index = 0; index < syncCount; index += 1) {
    const began = performance.now();
    writeSync(descriptor, block, 0, blockBytes, index * blockBytes);
    fdatasyncSync(descriptor);
    timesMs.push(performance.now() - began);
  }
  closeSync(descriptor);
  rmSync(path);
  const sorted = timesMs.toSorted((a, b) => a - b);
  const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  return `fdatasync of 4 KiB p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}

/** The commit that is measured; a tree with changes says so. */
export function describeCommit(): string {
  try {
    const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
    const isChanged = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
  } catch {
    return "unknown commit";
  }
}

/** Bytes of the files directly in a directory. */
export function directoryBytes(directory: string): number {
  return readdirSync(directory)
    .map((name) => statSync(join(directory, name)))
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + file.size, 0);
}
