import { LogTrimmed } from "@ertis/event-log";
import type { EventLog, Sequence } from "@ertis/scheduler-runtime";
import * as fc from "fast-check";
import { expect } from "vitest";

/** One step of a random history; offsets are relative, so that most steps are meaningful. */
export type Command =
  | { readonly kind: "append"; readonly payloads: readonly string[]; readonly off: number }
  | { readonly kind: "read"; readonly share: number }
  | { readonly kind: "snapshot"; readonly share: number; readonly chunks: readonly string[] }
  | { readonly kind: "trim"; readonly share: number }
  | { readonly kind: "reopen" };

const text = fc.string({ unit: "binary", maxLength: 12 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      payloads: fc.array(text, { maxLength: 4 }),
      // Mostly the right sequence, sometimes one too low or too high.
      off: fc.constantFrom(0, 0, 0, 0, -1, 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("read" as const), share }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("snapshot" as const),
      share,
      chunks: fc.array(text, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("trim" as const), share }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

export const commandsArbitrary: fc.Arbitrary<readonly Command[]> = fc.array(command, {
  minLength: 1,
  maxLength: 25,
});

/** The log as a list: every row ever, where the held ones start, and every snapshot ever. */
export class LogModel {
  readonly #rows: string[] = [];
  #first: Sequence = 1;
  #snapshot: { readonly sequence: Sequence; readonly chunks: readonly string[] } | undefined;

  /** Runs one command on the log and on the list, and demands the same outcome. */
  async check(log: EventLog, step: Exclude<Command, { readonly kind: "reopen" }>): Promise<void> {
    switch (step.kind) {
      case "append":
        await this.#append(log, step.payloads, this.#rows.length + step.off);
        break;
      case "read":
        await this.#read(log, Math.floor(step.share * (this.#rows.length + 1)));
        break;
      case "snapshot":
        await this.#writeSnapshot(log, Math.floor(step.share * this.#rows.length), step.chunks);
        break;
      case "trim":
        await this.#trim(log, Math.floor(step.share * (this.#rows.length + 2)));
        break;
    }
    expect(await log.range()).toEqual({ first: this.#first, last: this.#rows.length });
    const newest = await log.latestSnapshot();
    expect(newest?.sequence).toBe(this.#snapshot?.sequence);
    expect(await collect(newest?.chunks() ?? [])).toEqual(this.#snapshot?.chunks ?? []);
  }

  async #append(log: EventLog, payloads: readonly string[], expected: Sequence): Promise<void> {
    const outcome = await log.append(payloads, expected);
    if (expected === this.#rows.length) {
      this.#rows.push(...payloads);
      expect(outcome).toEqual({ kind: "appended", sequence: this.#rows.length });
    } else {
      expect(outcome).toEqual({
        kind: "log-conflict",
        expectedSequence: expected,
        foundSequence: this.#rows.length,
      });
    }
  }

  async #read(log: EventLog, after: Sequence): Promise<void> {
    if (after < this.#first - 1) {
      await expect(collect(log.read(after))).rejects.toThrow(LogTrimmed);
      return;
    }
    const wanted = this.#rows
      .map((payload, index) => ({ sequence: index + 1, payload }))
      .filter(({ sequence }) => sequence > after);
    expect(await collect(log.read(after))).toEqual(wanted);
  }

  async #writeSnapshot(log: EventLog, at: Sequence, chunks: readonly string[]): Promise<void> {
    await log.writeSnapshot(at, chunksOf(...chunks));
    if (this.#snapshot === undefined || at >= this.#snapshot.sequence) {
      this.#snapshot = { sequence: at, chunks };
    }
  }

  async #trim(log: EventLog, upTo: Sequence): Promise<void> {
    await log.trim(upTo);
    if (this.#snapshot !== undefined) {
      this.#first = Math.max(this.#first, Math.min(upTo, this.#snapshot.sequence) + 1);
    }
  }
}

export async function* chunksOf(...chunks: readonly string[]): AsyncGenerator<string> {
  yield* chunks;
}

export async function collect<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
): Promise<readonly Item[]> {
  const held: Item[] = [];
  for await (const item of items) {
    held.push(item);
  }
  return held;
}

/** Every payload the log still holds. */
export async function textsOf(log: EventLog): Promise<readonly string[]> {
  const { first } = await log.range();
  return (await collect(log.read(first - 1))).map(({ payload }) => payload);
}
