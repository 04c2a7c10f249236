import { type SubmitItem, SubmitJobsRequest } from "@ertis/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { specWith } from "../testing/hub.ts";
import { type ReceivedItem, SubmitDecoder } from "./received-submit.ts";
import { submitItemFromReceived } from "./submit-item.ts";
import type { Violation } from "./violation.ts";

const rules = { walltimeMsMax: 86_400_000 };

function apiItem(received: ReceivedItem): SubmitItem {
  if (received.kind === "other") {
    return received.item;
  }
  const { requestId, name, common } = received;
  return { requestId, spec: { ...common.api, name } };
}

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.constantFrom("", " ", "обучение", "a\u0000b", "x".repeat(127), "x".repeat(128)),
);
const project = fc.constantFrom("language", "vision", "", "p".repeat(200));
const labels = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.string({ maxLength: 5 })), {
  maxLength: 2,
});
const item = fc.record({
  requestId: fc.oneof(fc.uuid(), fc.constantFrom("", "no-uuid", "A".repeat(36))),
  spec: fc.option(
    fc
      .record({ name, project, nodeCount: fc.integer({ min: 0, max: 3 }), labels })
      .map((changes) => specWith({ ...changes, labels: new Map(changes.labels) })),
    { nil: undefined, freq: 9 },
  ),
});

test("decodes what the generated decoder decodes, new or seen before", () => {
  const decoder = new SubmitDecoder();
  fc.assert(
    fc.property(fc.array(item, { maxLength: 4 }), (items) => {
      const bytes = Buffer.from(SubmitJobsRequest.encode({ items }).finish());
      const expected = SubmitJobsRequest.decode(bytes).items;
      expect(decoder.decode(bytes).items.map(apiItem)).toEqual(expected);
    }),
    { numRuns: 500, seed: 3 },
  );
});

test("agrees with the generated decoder about bytes that were tampered with", () => {
  const decoder = new SubmitDecoder();
  const outcome = (decode: () => unknown): unknown => {
    try {
      return decode();
    } catch {
      return "malformed";
    }
  };
  const change = fc.record({ at: fc.nat(300), to: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 3 }),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.nat(300),
      (items, changes, cutAt) => {
        const whole = Buffer.from(SubmitJobsRequest.encode({ items }).finish());
        for (const { at, to } of changes) {
          whole[at % whole.length] = to;
        }
        const bytes = cutAt % 3 === 0 ? whole.subarray(0, cutAt) : whole;
        expect(outcome(() => decoder.decode(bytes).items.map(apiItem))).toEqual(
          outcome(() => SubmitJobsRequest.decode(bytes).items),
        );
      },
    ),
    { numRuns: 2_000, seed: 5 },
  );
});

test("a spec that was checked before gives the same job, hash and refusals as a new one", () => {
  const mapAll = (decoder: SubmitDecoder, items: readonly SubmitItem[]): unknown =>
    items.map((one) => {
      const bytes = Buffer.from(SubmitJobsRequest.encode({ items: [one] }).finish());
      return decoder.decode(bytes).items.map((received) => {
        const violations: Violation[] = [];
        const mapped = submitItemFromReceived(received, "aigerim", rules, violations);
        return { mapped, violations };
      });
    });
  const seenBefore = new SubmitDecoder();
  fc.assert(
    fc.property(fc.array(item, { maxLength: 3 }), (items) => {
      const first = mapAll(new SubmitDecoder(), items);
      expect(mapAll(seenBefore, items)).toEqual(first);
      expect(mapAll(seenBefore, items)).toEqual(first);
    }),
    { numRuns: 300, seed: 9 },
  );
});
