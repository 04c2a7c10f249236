import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { EventLog, Sequence } from "@ertis/scheduler-runtime";
import { expect } from "vitest";

/** What the child stores at a sequence: anybody can tell whether it came back unharmed. */
export function payloadOf(sequence: Sequence): string {
  return `{"row":${String(sequence)},"padding":"${"p".repeat(sequence % 900)}"}`;
}

/** The snapshot the child writes at a sequence: a few chunks, some of them large. */
export function snapshotOf(sequence: Sequence): readonly string[] {
  return [String(sequence), "s".repeat(70_000), payloadOf(sequence)];
}

/** How the child's log waits for the disk; only FULL is the product. */
export type Synchronous = "FULL" | "NORMAL" | "OFF";

/** A running `append-until-killed.ts`, and the promises it has made: `row 17`, `snapshot 1000`. */
export class AppendingChild {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #promises: string[] = [];
  readonly #waiting: { readonly count: number; readonly wake: () => void }[] = [];
  #errors = "";

  constructor(directory: string, synchronous: Synchronous) {
    const script = fileURLToPath(new URL("append-until-killed.ts", import.meta.url));
    this.#child = spawn(process.execPath, [script, directory, synchronous], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    // "close" comes after the last line was read, "exit" may come before.
    this.#exited = once(this.#child, "close");
    this.#child.stderr?.on("data", (text) => (this.#errors += String(text)));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        this.#promises.push(line);
        for (const { count, wake } of this.#waiting) {
          if (this.#promises.length >= count) {
            wake();
          }
        }
      });
    }
  }

  /** Resolves when the child has made so many promises; rejects when it ends before. */
  async promises(count: number): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      this.#waiting.push({ count, wake: resolve });
    });
    const ended = this.#exited.then(() => {
      throw new Error(`the child ended by itself: ${this.#errors}`);
    });
    await Promise.race([reached, ended]);
  }

  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  /** SIGKILL; everything promised until then. Safe to call again. */
  async kill(): Promise<readonly string[]> {
    this.#child.kill("SIGKILL");
    await this.#exited;
    return this.#promises;
  }
}

/** Promises that a log does not keep; demands that whatever it does hold is unharmed. */
export async function brokenPromises(
  log: EventLog,
  promises: readonly string[],
): Promise<readonly string[]> {
  const { first, last } = await log.range();
  let next = first;
  for await (const { sequence, payload } of log.read(first - 1)) {
    expect(sequence).toBe(next);
    expect(payload).toBe(payloadOf(sequence));
    next += 1;
  }
  expect(next).toBe(last + 1);
  const snapshot = await log.latestSnapshot();
  const snapshotSequence = snapshot?.sequence ?? 0;
  if (snapshot !== undefined) {
    const chunks: string[] = [];
    for await (const chunk of snapshot.chunks()) {
      chunks.push(chunk);
    }
    expect(chunks).toEqual(snapshotOf(snapshot.sequence));
  }
  // Snapshot and rows together must give the whole state.
  expect(first).toBeLessThanOrEqual(snapshotSequence + 1);
  return promises.filter((promise) => {
    const [kind, sequence] = promise.split(" ");
    return Number(sequence) > (kind === "row" ? last : snapshotSequence);
  });
}
