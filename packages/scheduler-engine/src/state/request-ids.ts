import type { JobNumber } from "../words/job-spec.ts";
import { known } from "./assert.ts";

/** What is remembered of an accepted submit. */
export interface AcceptedRequest {
  readonly job: JobNumber;
  readonly bodyHash: number;
}

const pageBits = 12;
const pageSize = 1 << pageBits;
const shardCount = 256;
const slotBitsMin = 4;

/** What is remembered of consecutive jobs, in columns. */
interface Page {
  /** Four words a request id. */
  readonly words: Uint32Array;
  readonly bodyHashes: Float64Array;
  readonly acceptedAtMs: Float64Array;
}

/** A part of the index; grows on its own, so that no single submit waits for millions of entries. */
interface Shard {
  slotBits: number;
  count: number;
  /**
   * Open addressing with linear probing. A slot is two words: the hash of the request id, 0 where
   * free, and the job number's low 32 bits.
   */
  slots: Uint32Array;
}

/**
 * Which request id became which job, for every acceptance still remembered.
 *
 * Job numbers are given in order of acceptance, so what is remembered lies in pages by job number:
 * the oldest go first, and an entry needs no pointer. Typed arrays, because ten million strings in
 * a Map would cost a gigabyte and every garbage collection would walk them.
 */
export class RequestIds {
  /** Job number of the oldest entry; entries are consecutive from there. */
  #firstJob = 1;
  #count = 0;
  /** From the page of `#firstJob` on. */
  readonly #pages: Page[] = [];
  readonly #shards: (Shard | undefined)[] = Array.from({ length: shardCount }, () => undefined);
  readonly #key = new Uint32Array(4);

  get count(): number {
    return this.#count;
  }

  get firstJob(): JobNumber {
    return this.#firstJob;
  }

  /** When the oldest remembered acceptance happened, in ms since the epoch. */
  oldestAcceptedAtMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#acceptedAtMs(this.#firstJob);
  }

  /** @param requestId - a UUID in lower case */
  find(requestId: string): AcceptedRequest | undefined {
    readUuid(requestId, this.#key);
    const hash = hashOf(this.#key, 0);
    const shard = this.#shards[shardOf(hash)];
    if (shard === undefined) {
      return undefined;
    }
    const { slots } = shard;
    const slot = this.#slotOfKey(shard, hash);
    if (slots[slot] === 0) {
      return undefined;
    }
    const job = this.#jobOf(slots[slot + 1] ?? 0);
    return { job, bodyHash: this.#page(job).bodyHashes[job & (pageSize - 1)] ?? 0 };
  }

  /** `job` must be the successor of the last one added. */
  add(requestId: string, job: JobNumber, bodyHash: number, acceptedAtMs: number): void {
    if (this.#count === 0) {
      this.#firstJob = job;
      this.#pages.length = 0;
    }
    this.#count += 1;
    const pageIndex = this.#pageIndex(job);
    if (pageIndex === this.#pages.length) {
      this.#pages.push(createPage());
    }
    const page = this.#page(job);
    const at = job & (pageSize - 1);
    readUuid(requestId, this.#key);
    page.words.set(this.#key, 4 * at);
    page.bodyHashes[at] = bodyHash;
    page.acceptedAtMs[at] = acceptedAtMs;
    const hash = hashOf(this.#key, 0);
    const shard = this.#shardFor(hash);
    const slot = this.#slotOfKey(shard, hash);
    shard.count += shard.slots[slot] === 0 ? 1 : 0;
    shard.slots[slot] = hash;
    shard.slots[slot + 1] = job;
  }

  /** How many of the oldest were accepted at or before `momentMs`; counts up to `countMax`. */
  countAcceptedUpTo(momentMs: number, countMax: number): number {
    const most = Math.min(this.#count, countMax);
    let count = 0;
    while (count < most && this.#acceptedAtMs(this.#firstJob + count) <= momentMs) {
      count += 1;
    }
    return count;
  }

  forgetOldest(count: number): void {
    for (let done = 0; done < count && this.#count > 0; done += 1) {
      const job = this.#firstJob;
      const at = 4 * (job & (pageSize - 1));
      const { words } = this.#page(job);
      this.#key.set(words.subarray(at, at + 4));
      this.#removeKey();
      this.#firstJob += 1;
      this.#count -= 1;
      if ((this.#firstJob & (pageSize - 1)) === 0) {
        this.#pages.shift();
      }
    }
  }

  /** Entry of a remembered job, for snapshots. */
  entry(job: JobNumber): { requestId: string; bodyHash: number; acceptedAtMs: number } {
    const page = this.#page(job);
    const at = job & (pageSize - 1);
    return {
      requestId: writeUuid(page.words, 4 * at),
      bodyHash: page.bodyHashes[at] ?? 0,
      acceptedAtMs: page.acceptedAtMs[at] ?? 0,
    };
  }

  #acceptedAtMs(job: JobNumber): number {
    return this.#page(job).acceptedAtMs[job & (pageSize - 1)] ?? 0;
  }

  #pageIndex(job: JobNumber): number {
    return Math.floor(job / pageSize) - Math.floor(this.#firstJob / pageSize);
  }

  #page(job: JobNumber): Page {
    return known(this.#pages[this.#pageIndex(job)], "page of a remembered request id");
  }

  /** The remembered job with these low 32 bits; far fewer than 2^32 are remembered. */
  #jobOf(low: number): JobNumber {
    return this.#firstJob + ((low - this.#firstJob) >>> 0);
  }

  #shardFor(hash: number): Shard {
    const index = shardOf(hash);
    let shard = this.#shards[index];
    if (shard === undefined) {
      shard = { slotBits: slotBitsMin, count: 0, slots: new Uint32Array(2 << slotBitsMin) };
      this.#shards[index] = shard;
    } else if (2 * shard.count >= 1 << shard.slotBits) {
      grow(shard);
    }
    return shard;
  }

  /** Where the key in `#key` stands among the slots, or the free slot where it would go. */
  #slotOfKey({ slots, slotBits }: Shard, hash: number): number {
    let slot = homeOf(hash, slotBits);
    for (;;) {
      const found = slots[slot];
      if (found === 0 || (found === hash && this.#isKeyOf(this.#jobOf(slots[slot + 1] ?? 0)))) {
        return slot;
      }
      slot = (slot + 2) & (slots.length - 1);
    }
  }

  #isKeyOf(job: JobNumber): boolean {
    const at = 4 * (job & (pageSize - 1));
    const { words } = this.#page(job);
    const key = this.#key;
    return (
      words[at] === key[0] &&
      words[at + 1] === key[1] &&
      words[at + 2] === key[2] &&
      words[at + 3] === key[3]
    );
  }

  /** Backward-shift deletion: later entries of the same run move up, so no tombstones pile up. */
  #removeKey(): void {
    const hash = hashOf(this.#key, 0);
    const shard = this.#shardFor(hash);
    const { slots, slotBits } = shard;
    const mask = slots.length - 1;
    let hole = this.#slotOfKey(shard, hash);
    if (slots[hole] === 0) {
      return;
    }
    for (let next = (hole + 2) & mask; slots[next] !== 0; next = (next + 2) & mask) {
      const home = homeOf(slots[next] ?? 0, slotBits);
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots.copyWithin(hole, next, next + 2);
        hole = next;
      }
    }
    slots[hole] = 0;
    shard.count -= 1;
  }
}

function createPage(): Page {
  return {
    words: new Uint32Array(4 * pageSize),
    bodyHashes: new Float64Array(pageSize),
    acceptedAtMs: new Float64Array(pageSize),
  };
}

/** Slots go by the upper bits of the hash, so old and new are both walked from front to back. */
function grow(shard: Shard): void {
  const old = shard.slots;
  shard.slotBits += 1;
  const slots = new Uint32Array(2 << shard.slotBits);
  for (let from = 0; from < old.length; from += 2) {
    const hash = old[from] ?? 0;
    if (hash === 0) {
      continue;
    }
    let slot = homeOf(hash, shard.slotBits);
    while (slots[slot] !== 0) {
      slot = (slot + 2) & (slots.length - 1);
    }
    slots[slot] = hash;
    slots[slot + 1] = old[from + 1] ?? 0;
  }
  shard.slots = slots;
}

function homeOf(hash: number, slotBits: number): number {
  return (hash >>> (32 - slotBits)) << 1;
}

/** By the lower bits, without the last, which is always set. */
function shardOf(hash: number): number {
  return (hash >>> 1) & (shardCount - 1);
}

/**
 * Client-made ids may be anything but random, so the words are mixed (finaliser of MurmurHash3).
 * Never 0, which stands for a free slot.
 */
function hashOf(words: Uint32Array, at: number): number {
  let hash = 0;
  for (let index = 0; index < 4; index += 1) {
    hash = Math.imul(hash ^ (words[at + index] ?? 0), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash | 1) >>> 0;
}

/** Reads the 32 hex digits of a lower-case UUID into four words. */
function readUuid(text: string, into: Uint32Array): void {
  into[0] = (fourDigits(text, 0) << 16) | fourDigits(text, 4);
  into[1] = (fourDigits(text, 9) << 16) | fourDigits(text, 14);
  into[2] = (fourDigits(text, 19) << 16) | fourDigits(text, 24);
  into[3] = (fourDigits(text, 28) << 16) | fourDigits(text, 32);
}

function fourDigits(text: string, at: number): number {
  return (
    (digit(text.charCodeAt(at)) << 12) |
    (digit(text.charCodeAt(at + 1)) << 8) |
    (digit(text.charCodeAt(at + 2)) << 4) |
    digit(text.charCodeAt(at + 3))
  );
}

/** 0 to 9 are 48 to 57, a to f are 97 to 102. */
function digit(code: number): number {
  return (code & 15) + (code >= 97 ? 9 : 0);
}

function writeUuid(words: Uint32Array, at: number): string {
  let hex = "";
  for (let index = 0; index < 4; index += 1) {
    hex += (words[at + index] ?? 0).toString(16).padStart(8, "0");
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
