import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";

import { type Spread, spreadOf } from "./figures.ts";

/** What a figure means nothing without. */
export interface Machine {
  readonly cpu: string;
  readonly coreCount: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly kernel: string;
  readonly fileSystem: string;
  /** Of the last minute, before the benchmark: above a few tenths the figures are noisy. */
  readonly loadAverage: number;
}

/** @param directory - where the storage of the benchmarks goes */
export function describeMachine(directory: string): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? "unknown",
    coreCount: cores.length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: release(),
    fileSystem: fileSystemOf(directory),
    loadAverage: loadavg()[0] ?? 0,
  };
}

function fileSystemOf(directory: string): string {
  try {
    const lines = execFileSync("df", ["--output=fstype,source", directory], { encoding: "utf8" });
    return (lines.split("\n")[1] ?? "").trim().split(/\s+/u).join(" on ");
  } catch {
    return "unknown (no df)";
  }
}

/** The commit that is measured; `+` when files differ from it. */
export function describeCommit(): string {
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync("git", [...args], { encoding: "utf8" }).trim();
    const isClean = git("status", "--porcelain", "--untracked-files=no") === "";
    return `${git("rev-parse", "--short", "HEAD")}${isClean ? "" : "+"}`;
  } catch {
    return "unknown";
  }
}

/** How long the disk takes for one durable write of 4 KiB: no storage figure means anything without it. */
export function measureDisk(directory: string, count = 500): Spread {
  const file = join(directory, `fdatasync-${process.pid}`);
  const descriptor = openSync(file, "w");
  const block = Buffer.alloc(4_096);
  const waitsMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    writeSync(descriptor, block, 0, block.length, index * block.length);
    fdatasyncSync(descriptor);
    waitsMs.push(performance.now() - started);
  }
  closeSync(descriptor);
  unlinkSync(file);
  return spreadOf(waitsMs);
}

/** Flushes every disk of this machine was asked for since it started (Linux 5.5 and newer). */
export function diskFlushCount(): number {
  const fields = readFileSync("/proc/diskstats", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/u));
  return fields.reduce((sum, field) => sum + Number(field[18] ?? 0), 0);
}
