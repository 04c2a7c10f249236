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

/** A running `append-until-killed.ts`, and the sequences it has acknowledged. */
export class AppendingChild {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #acknowledged: Sequence[] = [];
  readonly #waiting: { readonly count: number; readonly wake: () => void }[] = [];
  #errors = "";

  constructor(directory: string, durability: "keeps" | "forgets") {
    const script = fileURLToPath(new URL("append-until-killed.ts", import.meta.url));
    this.#child = spawn(process.execPath, [script, directory, durability], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    // "close" comes after the last line was read, "exit" may come before.
    this.#exited = once(this.#child, "close");
    this.#child.stderr?.on("data", (text) => (this.#errors += String(text)));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        this.#acknowledged.push(Number(line));
        for (const { count, wake } of this.#waiting) {
          if (this.#acknowledged.length >= count) {
            wake();
          }
        }
      });
    }
  }

  /** Resolves when so many appends were acknowledged; rejects when the child ends before. */
  async acknowledges(count: number): Promise<void> {
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

  /** SIGKILL; everything acknowledged until then. Safe to call again. */
  async kill(): Promise<readonly Sequence[]> {
    this.#child.kill("SIGKILL");
    await this.#exited;
    return this.#acknowledged;
  }
}

/** Sequences that were promised and are not there; demands that what is there is unharmed. */
export async function lostRows(
  log: EventLog,
  acknowledged: readonly Sequence[],
): Promise<readonly Sequence[]> {
  const { last } = await log.range();
  let count = 0;
  for await (const { sequence, payload } of log.read(0)) {
    expect(payload).toBe(payloadOf(sequence));
    count += 1;
  }
  expect(count).toBe(last);
  return acknowledged.filter((sequence) => sequence > last);
}
