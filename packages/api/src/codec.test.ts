import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  DependencyCondition,
  FailureCategory,
  Job,
  JobSpec,
  PriorityClass,
  Rejection,
  SubmitJobsRequest,
  SubmitJobsResponse,
} from "./index.ts";

/** A soak damages more messages, and others. */
const isSoak = process.env["ERTIS_SOAK"] === "1";
const seed = Number(process.env["ERTIS_SEED"] ?? "20260210");

function runs(count: number): { readonly seed: number; readonly numRuns: number } {
  return { seed, numRuns: isSoak ? count * 100 : count };
}

const count = fc.nat({ max: 0xffff_ffff });
const text = fc.string({ unit: "grapheme", maxLength: 200 });
/** Names a map key that a plain object would lose or, worse, obey. */
const key = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", ""));
const texts = fc.array(text, { maxLength: 4 });
const map = fc.array(fc.tuple(key, text), { maxLength: 4 }).map((entries) => new Map(entries));
const instantMs = fc.maxSafeInteger();

const spec: fc.Arbitrary<JobSpec> = fc.record({
  project: text,
  name: text,
  nodeCount: count,
  gpusPerNode: count,
  walltimeMs: instantMs,
  image: text,
  script: text,
  command: texts,
  args: texts,
  priorityClass: fc.constantFrom(...Object.values(PriorityClass)),
  preemptible: fc.boolean(),
  held: fc.boolean(),
  gpuModel: text,
  site: text,
  labels: map,
  env: map,
  workingDirectory: text,
  beginTimeMs: instantMs,
  dependencies: fc.array(
    fc.record({
      jobId: text,
      condition: fc.constantFrom(...Object.values(DependencyCondition)),
    }),
    { maxLength: 3 },
  ),
  array: fc.option(fc.record({ taskCount: count, throttle: count }), { nil: undefined }),
  retryPolicy: fc.option(
    fc.record({
      maxRetries: count,
      categories: fc.array(fc.constantFrom(...Object.values(FailureCategory)), { maxLength: 5 }),
    }),
    { nil: undefined },
  ),
  deadlineTimeMs: instantMs,
  walltimeMinMs: instantMs,
  flexibilityTierPercent: count,
  workloadClass: text,
  capMinWatts: count,
  checkpoint: fc.option(fc.record({ saveMs: instantMs, restoreMs: instantMs }), {
    nil: undefined,
  }),
  nodeCountMin: count,
});

const request: fc.Arbitrary<SubmitJobsRequest> = fc.record({
  items: fc.array(fc.record({ requestId: fc.uuid(), spec }), { minLength: 1, maxLength: 5 }),
});

const response: fc.Arbitrary<SubmitJobsResponse> = fc.record({
  results: fc.array(
    fc.record({
      outcome: fc.oneof(
        fc.record({ $case: fc.constant("acceptedJobId" as const), value: text }),
        fc.record({ $case: fc.constant("alreadyAcceptedJobId" as const), value: text }),
        fc.record({
          $case: fc.constant("rejection" as const),
          value: fc.record({ reason: text, field: text, message: text, metadata: map }),
        }),
      ),
      deadlineMissedByMs: fc.maxSafeNat(),
    }),
    { maxLength: 5 },
  ),
  sequence: fc.maxSafeNat(),
});

test("a submit arrives as it was sent, with every field set or not", () => {
  fc.assert(
    fc.property(request, (sent) => {
      const bytes = SubmitJobsRequest.encode(sent).finish();
      expect(SubmitJobsRequest.decode(bytes)).toEqual(sent);
    }),
    runs(150),
  );
});

test("the answer to a submit arrives as it was sent", () => {
  fc.assert(
    fc.property(response, (sent) => {
      const bytes = SubmitJobsResponse.encode(sent).finish();
      expect(SubmitJobsResponse.decode(bytes)).toEqual(sent);
    }),
    runs(150),
  );
});

/** What a broken or hostile sender may do to bytes: change, cut off, repeat, or put in. */
const damage = fc.array(
  fc.record({
    kind: fc.constantFrom("set", "cut", "insert", "repeat"),
    place: fc.nat(),
    byte: fc.nat({ max: 255 }),
  }),
  { minLength: 1, maxLength: 6 },
);

function damaged(
  bytes: Uint8Array,
  changes: readonly { readonly kind: string; readonly place: number; readonly byte: number }[],
): Uint8Array {
  let result = [...bytes];
  for (const { kind, place, byte } of changes) {
    const at = result.length === 0 ? 0 : place % result.length;
    if (kind === "set") {
      result[at] = byte;
    } else if (kind === "cut") {
      result = result.slice(0, at);
    } else if (kind === "insert") {
      result.splice(at, 0, byte);
    } else {
      result.splice(at, 0, ...result.slice(at, at + byte));
    }
  }
  return Uint8Array.from(result);
}

/** Decodes, or says how it failed. Anything that is no `Error` fails the test. */
function decodeOrError(bytes: Uint8Array): SubmitJobsRequest | Error {
  try {
    return SubmitJobsRequest.decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return error as Error;
  }
}

test("damaged bytes either decode to a whole message or throw an error", () => {
  let decodedCount = 0;
  let refusedCount = 0;
  fc.assert(
    fc.property(request, damage, (sent, changes) => {
      const result = decodeOrError(damaged(SubmitJobsRequest.encode(sent).finish(), changes));
      if (result instanceof Error) {
        refusedCount += 1;
        return;
      }
      decodedCount += 1;
      // Whatever came in is a message like any other: it goes out and comes in again unchanged.
      const again = SubmitJobsRequest.decode(SubmitJobsRequest.encode(result).finish());
      expect(again).toEqual(result);
    }),
    runs(500),
  );
  // Both ways are really taken.
  expect(decodedCount).toBeGreaterThan(20);
  expect(refusedCount).toBeGreaterThan(100);
});

test("random bytes either decode or throw an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeOrError(bytes);
    }),
    runs(2_000),
  );
});

test.each([
  ["a message cut off in the middle", [0x0a, 0x20, 0x0a, 0x24, 0x41]],
  ["a length of 4 GB", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ["a number that never ends", [0x0a, ...Array.from({ length: 20 }, () => 0xff)]],
  ["groups in groups, 100,000 deep", Array.from({ length: 100_000 }, () => 0x1b)],
])("%s is refused", (_name, bytes) => {
  expect(decodeOrError(Uint8Array.from(bytes))).toBeInstanceOf(Error);
});

test("a number over 2^53 is refused, not rounded", () => {
  // Field 5 (walltime_ms) = 2^53 and 2^53 - 1.
  const over = [0x28, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
  const most = [0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
  expect(() => JobSpec.decode(Uint8Array.from(over))).toThrow(/larger than Number.MAX_SAFE/);
  expect(JobSpec.decode(Uint8Array.from(most)).walltimeMs).toBe(Number.MAX_SAFE_INTEGER);
});

test("a field that a newer sender adds is passed over", () => {
  // Field 4000 holds a string that this version does not know.
  const unknown = Uint8Array.from([0x82, 0xfa, 0x01, 0x03, 0x61, 0x62, 0x63]);
  const known = Rejection.encode(Rejection.fromPartial({ reason: "NEVER_FITS" })).finish();
  const bytes = Uint8Array.from([...unknown, ...known]);
  expect(Rejection.decode(bytes).reason).toBe("NEVER_FITS");
});

test("energy keeps every joule beyond 2^53", () => {
  const energyJoules = 2n ** 53n + 1n;
  const bytes = Job.encode(Job.fromPartial({ energyJoules })).finish();
  expect(Job.decode(bytes).energyJoules).toBe(energyJoules);
});
