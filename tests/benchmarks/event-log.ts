/**
 * What the event log costs: appends at several shapes, reading back, and how long an append waits
 * while a snapshot is written or rows are trimmed. The disk's own fdatasync stands beside it,
 * because no storage number means anything without it.
 *
 *     node tests/benchmarks/event-log.ts [directory] [rows for the restart read]
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openSqliteEventLog } from "@ertis/event-log";
import type { SqliteEventLog } from "@ertis/event-log";
import type { Sequence } from "@ertis/scheduler-runtime";

function percentile(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? sorted.at(-1) ?? 0).toFixed(2);
}

function waits(waitsMs: readonly number[]): string {
  const sorted = waitsMs.toSorted((left, right) => left - right);
  return `p50 ${percentile(sorted, 0.5)}, p99 ${percentile(sorted, 0.99)}, max ${percentile(sorted, 1)} ms`;
}

function rate(count: number, elapsedMs: number): string {
  return Math.round((count / elapsedMs) * 1_000).toLocaleString("en");
}

function measureDisk(base: string): void {
  const descriptor = openSync(join(base, "baseline"), "w");
  const block = Buffer.alloc(4_096);
  const waitsMs: number[] = [];
  for (let index = 0; index < 500; index += 1) {
    const started = performance.now();
    writeSync(descriptor, block, 0, block.length, index * block.length);
    fdatasyncSync(descriptor);
    waitsMs.push(performance.now() - started);
  }
  closeSync(descriptor);
  console.log(`disk: fdatasync of 4 KiB ${waits(waitsMs)}`);
}

interface Shape {
  readonly rowBytes: number;
  readonly rowsPerAppend: number;
  readonly inFlight: number;
  readonly rowCount: number;
}

async function measureAppends(directory: string, shape: Shape): Promise<void> {
  const log = await openSqliteEventLog({ directory });
  const payload = `{"a":"${"x".repeat(shape.rowBytes - 8)}"}`;
  const payloads = Array.from({ length: shape.rowsPerAppend }, () => payload);
  const waitsMs: number[] = [];
  let asked = 0;
  const appendUntilDone = async (): Promise<void> => {
    while (asked < shape.rowCount) {
      const expected = asked;
      asked += payloads.length;
      const started = performance.now();
      await log.append(payloads, expected);
      waitsMs.push(performance.now() - started);
    }
  };
  const before = process.threadCpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: shape.inFlight }, appendUntilDone));
  const elapsedMs = performance.now() - started;
  const { user, system } = process.threadCpuUsage(before);
  const megabytes = (asked * shape.rowBytes) / 1e6;
  console.log(
    `append ${String(shape.rowsPerAppend)} × ${String(shape.rowBytes)} B, ${String(shape.inFlight)} in flight: ` +
      `${rate(asked, elapsedMs)} rows/s, ${rate(megabytes, elapsedMs)} MB/s; ${waits(waitsMs)}; ` +
      `caller's thread ${((user + system) / waitsMs.length).toFixed(0)} µs an append, ` +
      `${((user + system) / 1_000 / megabytes).toFixed(2)} ms a MB`,
  );
  await log.close();
}

async function measureRead(directory: string): Promise<void> {
  const opening = performance.now();
  const log = await openSqliteEventLog({ directory });
  const openMs = performance.now() - opening;
  const before = process.threadCpuUsage();
  const started = performance.now();
  let length = 0;
  let count = 0;
  for await (const { payload } of log.read(0)) {
    length += payload.length;
    count += 1;
  }
  const elapsedMs = performance.now() - started;
  const { user, system } = process.threadCpuUsage(before);
  console.log(
    `read ${count.toLocaleString("en")} rows: open ${openMs.toFixed(0)} ms, read ${elapsedMs.toFixed(0)} ms, ` +
      `${rate(count, elapsedMs)} rows/s, ${rate(length / 1e6, elapsedMs)} MB/s, caller's thread ${((user + system) / count).toFixed(2)} µs a row`,
  );
  await log.close();
}

async function* repeat(chunk: string, count: number): AsyncGenerator<string> {
  for (let index = 0; index < count; index += 1) {
    yield chunk;
  }
}

/** Appends small groups, one after another, while some other work goes on. */
async function measureBeside(
  name: string,
  log: SqliteEventLog,
  work: () => Promise<void>,
): Promise<void> {
  const payloads = Array.from({ length: 20 }, () => "x".repeat(300));
  const waitsMs: number[] = [];
  const done = new AbortController();
  let { last } = await log.range();
  const appendUntilDone = async (): Promise<void> => {
    while (!done.signal.aborted) {
      const started = performance.now();
      await log.append(payloads, last);
      last += payloads.length;
      waitsMs.push(performance.now() - started);
    }
  };
  const appending = appendUntilDone();
  const started = performance.now();
  await work();
  const elapsedMs = performance.now() - started;
  done.abort();
  await appending;
  console.log(`beside ${name} (${elapsedMs.toFixed(0)} ms): append 20 × 300 B ${waits(waitsMs)}`);
}

function pause(waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, waitMs);
  });
}

async function measureMixed(directory: string): Promise<void> {
  const log = await openSqliteEventLog({ directory });
  const chunk = "y".repeat(256 * 1_024);
  const snapshot = (sequence: Sequence): Promise<void> =>
    log.writeSnapshot(sequence, repeat(chunk, 1_200));
  await measureBeside("nothing", log, () => pause(2_000));
  await measureBeside("a snapshot of 300 MB", log, () => snapshot(1));
  await measureBeside("reading that snapshot", log, async () => {
    let length = 0;
    for await (const each of (await log.latestSnapshot())?.chunks() ?? []) {
      length += each.length;
    }
    console.log(`  ${(length / 1e6).toFixed(0)} MB read`);
  });
  await measureBeside("another snapshot of 300 MB", log, () => snapshot(2));
  await measureBeside("removing the first one", log, async () => {
    await log.trim(2);
    await pause(1_000);
  });
  await log.close();
}

async function main(): Promise<void> {
  const base = mkdtempSync(join(process.argv[2] ?? tmpdir(), "ertis-bench-"));
  const restartRowCount = Number(process.argv[3] ?? "1000000");
  try {
    measureDisk(base);
    const shapes: readonly Shape[] = [
      { rowBytes: 300, rowsPerAppend: 1, inFlight: 1, rowCount: 10_000 },
      { rowBytes: 300, rowsPerAppend: 1, inFlight: 64, rowCount: 200_000 },
      { rowBytes: 300, rowsPerAppend: 100, inFlight: 4, rowCount: 500_000 },
      { rowBytes: 400_000, rowsPerAppend: 1, inFlight: 1, rowCount: 1_000 },
      { rowBytes: 400_000, rowsPerAppend: 1, inFlight: 4, rowCount: 1_000 },
      { rowBytes: 250, rowsPerAppend: 1_000, inFlight: 2, rowCount: restartRowCount },
    ];
    for (const [index, shape] of shapes.entries()) {
      await measureAppends(join(base, String(index)), shape);
    }
    await measureRead(join(base, "4"));
    await measureRead(join(base, "5"));
    await measureMixed(join(base, "mixed"));
    measureDisk(base);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

await main();
