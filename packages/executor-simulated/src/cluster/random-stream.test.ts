import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { physicsWith } from "./physics.ts";
import { forkStream } from "./random-stream.ts";

describe("a stream forked by name", () => {
  test("is the same each time and not disturbed by draws in another", () => {
    const first = forkStream(42, "faults", 7);
    const other = forkStream(42, "durations", 7);
    const again = forkStream(42, "faults", 7);
    const draws = [1, 2, 3].map(() => {
      other.below(10);
      return first.below(2 ** 53);
    });
    expect([1, 2, 3].map(() => again.below(2 ** 53))).toEqual(draws);
  });

  test("has these values for ever: a change would change every recorded history", () => {
    const stream = forkStream(1, "golden");
    expect([stream.below(1_000_000), stream.below(2 ** 32), stream.below(2 ** 53)])
      .toMatchInlineSnapshot(`
      [
        843963,
        2900790190,
        897793800662161,
      ]
    `);
  });

  test("stays below its bound and reaches every small value", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, bound) => {
        const stream = forkStream(seed, "small");
        const seen = new Set(Array.from({ length: 300 }, () => stream.below(bound)));
        expect([...seen].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: bound }, (_, value) => value),
        );
      }),
      { numRuns: 100, seed: 20_263 },
    );
  });

  test("hits a ratio about as often as it says", () => {
    const stream = forkStream(9, "ratio");
    const hits = Array.from({ length: 10_000 }, () =>
      stream.happens({ numerator: 1, denominator: 10 }),
    ).filter(Boolean).length;
    expect(hits).toBeGreaterThan(900);
    expect(hits).toBeLessThan(1_100);
  });

  test("refuses a bound it cannot draw from", () => {
    const stream = forkStream(1, "bounds");
    for (const bound of [0, -1, 0.5, 2 ** 53 + 2]) {
      expect(() => stream.below(bound)).toThrow(RangeError);
    }
  });
});

describe("physics options", () => {
  test.each([
    [{ startDelayMs: { min: 2, max: 1 } }, "startDelayMs"],
    [{ nodeFailure: { numerator: 3, denominator: 2 } }, "nodeFailure"],
    [{ drawPermille: { min: 0, max: 1_001 } }, "drawPermille"],
    [{ noiseSlotMs: 10 }, "noiseSlotMs"],
    [{ noisePermille: 0.5 }, "noisePermille"],
  ])("%j are refused by name", (changes, name) => {
    expect(() => physicsWith(changes)).toThrow(name);
  });
});
