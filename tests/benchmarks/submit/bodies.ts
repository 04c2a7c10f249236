import { type SubmitItem, SubmitJobsRequest } from "@ertis/api";
import { randomBytes } from "node:crypto";

import { frame } from "./wire-client.ts";

const uuidLength = 36;
/** A version 4 UUID whose digits are found again among the bytes of an encoded request. */
const placeholder = "00000000-0000-4000-8000-000000000000";
/** Where a counter in hex goes: the last group. */
const counterDigits = 12;

/**
 * What a research group's queue looks like: GPUs 1 to 8 on a node, gangs now and then, 30 walltimes,
 * a few images, labels. About 117 bytes a job.
 */
export function makeItem(random: (below: number) => number): Partial<SubmitItem> {
  const gang = random(20);
  const nodeCount = gang === 0 ? 2 ** (1 + random(3)) : 1;
  return {
    requestId: placeholder,
    spec: {
      ...emptySpec,
      project: ["language", "vision", "climate"][random(3)] ?? "",
      name: `train-${random(1_000_000)}`,
      nodeCount,
      gpusPerNode: nodeCount > 1 ? 8 : ([1, 1, 1, 2, 4, 8][random(6)] ?? 1),
      walltimeMs: 1_800_000 * (1 + random(30)),
      image: `registry.local/train:${random(8)}`,
      labels: new Map([["experiment", `e${random(50)}`]]),
    },
  };
}

/** Jobs that share `specCount` specs but for their names, as those of parameter sweeps do; 0: no two alike. */
export function itemMaker(
  random: (below: number) => number,
  specCount: number,
): () => Partial<SubmitItem> {
  const models = Array.from({ length: specCount }, () => makeItem(random));
  return () => {
    const item = models[random(Math.max(1, specCount))] ?? makeItem(random);
    const spec = item.spec ?? emptySpec;
    return { ...item, spec: { ...spec, name: `train-${random(1_000_000)}` } };
  };
}

const emptySpec: NonNullable<SubmitItem["spec"]> = {
  project: "",
  name: "",
  nodeCount: 1,
  gpusPerNode: 1,
  walltimeMs: 0,
  image: "",
  script: "",
  command: [],
  args: [],
  priorityClass: 0,
  preemptible: false,
  held: false,
  gpuModel: "",
  site: "",
  labels: new Map(),
  env: new Map(),
  workingDirectory: "",
  beginTimeMs: 0,
  dependencies: [],
  array: undefined,
  retryPolicy: undefined,
  deadlineTimeMs: 0,
  walltimeMinMs: 0,
  flexibilityTierPercent: 0,
  workloadClass: "",
  capMinWatts: 0,
  checkpoint: undefined,
  nodeCountMin: 0,
};

/** An encoded, framed SubmitJobs whose request ids are made anew in place for each call. */
export class Body {
  readonly #framed: Buffer;
  readonly #places: readonly number[];
  readonly #ids: RequestIdDigits;

  constructor(items: readonly Partial<SubmitItem>[], ids: RequestIdDigits) {
    const request = SubmitJobsRequest.fromPartial({ items: [...items] });
    this.#framed = frame(SubmitJobsRequest.encode(request).finish());
    const places: number[] = [];
    let at = this.#framed.indexOf(placeholder);
    while (at !== -1) {
      places.push(at);
      ids.begin(this.#framed, at);
      at = this.#framed.indexOf(placeholder, at + uuidLength);
    }
    if (places.length !== items.length) {
      throw new Error(`found ${places.length} request ids for ${items.length} items`);
    }
    this.#places = places;
    this.#ids = ids;
  }

  get bytes(): number {
    return this.#framed.length;
  }

  /** A copy, because the transport may hold on to it. */
  next(): Buffer {
    for (const at of this.#places) {
      this.#ids.count(this.#framed, at + uuidLength - counterDigits);
    }
    return Buffer.from(this.#framed);
  }
}

/** Request ids of one run: random digits of the run, then a counter. No id comes twice. */
export class RequestIdDigits {
  readonly #prefix = randomBytes(12).toString("hex");
  readonly #digits = Buffer.alloc(counterDigits, "0");

  /** Writes the digits that all ids of the run share. */
  begin(into: Buffer, at: number): void {
    into.write(this.#prefix.slice(0, 8), at, "latin1");
    into.write(this.#prefix.slice(8, 12), at + 9, "latin1");
    into.write(this.#prefix.slice(12, 15), at + 15, "latin1");
  }

  /** Writes the next number. */
  count(into: Buffer, at: number): void {
    const digits = this.#digits;
    for (let place = counterDigits - 1; place >= 0; place -= 1) {
      const digit = digits[place] ?? 0;
      if (digit !== 0x66) {
        digits[place] = digit === 0x39 ? 0x61 : digit + 1;
        break;
      }
      digits[place] = 0x30;
    }
    into.set(digits, at);
  }
}

/** Mulberry32 (public domain): the same jobs for the same seed. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
