import type { JobNumber } from "../words/job-spec.ts";

/** What is remembered of an accepted submit. */
export interface AcceptedRequest {
  readonly job: JobNumber;
  readonly bodyHash: number;
}

/**
 * Which request id became which job, for every acceptance still remembered.
 *
 * Job numbers are given in order of acceptance, so the memory is a ring over job numbers: the
 * oldest go first, and an entry needs no pointer. Typed arrays, because ten million strings in a
 * Map would cost a gigabyte and every garbage collection would walk them.
 */
export class RequestIds {
  /** Job number of the oldest entry; entries are consecutive from there. */
  #firstJob = 1;
  #count = 0;
  /** Ring capacity, a power of two; the index has twice as many slots. */
  #capacity = 1024;
  #words = new Uint32Array(4 * 1024);
  #hashes = new Float64Array(1024);
  #acceptedAtMs = new Float64Array(1024);
  /** Open addressing with linear probing; a slot holds a job number, 0 is free. */
  #index = new Float64Array(2048);
  readonly #key = new Uint32Array(4);

  get count(): number {
    return this.#count;
  }

  get firstJob(): JobNumber {
    return this.#firstJob;
  }

  /** When the oldest remembered acceptance happened, in ms since the epoch. */
  oldestAcceptedAtMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#acceptedAtMs[this.#slot(this.#firstJob)];
  }

  /** @param requestId - a UUID in lower case; anything else finds nothing */
  find(requestId: string): AcceptedRequest | undefined {
    readUuid(requestId, this.#key);
    const slot = this.#findSlot();
    const job = this.#index[slot] ?? 0;
    return job === 0 ? undefined : { job, bodyHash: this.#hashes[this.#slot(job)] ?? 0 };
  }

  /** `job` must be the successor of the last one added. */
  add(requestId: string, job: JobNumber, bodyHash: number, acceptedAtMs: number): void {
    if (this.#count === 0) {
      this.#firstJob = job;
    }
    if (this.#count === this.#capacity) {
      this.#grow();
    }
    readUuid(requestId, this.#key);
    const ring = this.#slot(job);
    this.#words.set(this.#key, 4 * ring);
    this.#hashes[ring] = bodyHash;
    this.#acceptedAtMs[ring] = acceptedAtMs;
    this.#count += 1;
    this.#index[this.#findSlot()] = job;
  }

  /** How many of the oldest were accepted at or before `momentMs`; counts up to `countMax`. */
  countAcceptedUpTo(momentMs: number, countMax: number): number {
    let count = 0;
    while (
      count < Math.min(this.#count, countMax) &&
      (this.#acceptedAtMs[this.#slot(this.#firstJob + count)] ?? 0) <= momentMs
    ) {
      count += 1;
    }
    return count;
  }

  forgetOldest(count: number): void {
    for (let done = 0; done < count && this.#count > 0; done += 1) {
      this.#loadKey(this.#firstJob);
      this.#removeFromIndex(this.#findSlot());
      this.#firstJob += 1;
      this.#count -= 1;
    }
  }

  /** Entry of a remembered job, for snapshots. */
  entry(job: JobNumber): { requestId: string; bodyHash: number; acceptedAtMs: number } {
    const ring = this.#slot(job);
    return {
      requestId: writeUuid(this.#words, 4 * ring),
      bodyHash: this.#hashes[ring] ?? 0,
      acceptedAtMs: this.#acceptedAtMs[ring] ?? 0,
    };
  }

  #slot(job: JobNumber): number {
    return job & (this.#capacity - 1);
  }

  #loadKey(job: JobNumber): void {
    const ring = this.#slot(job);
    this.#key.set(this.#words.subarray(4 * ring, 4 * ring + 4));
  }

  /** Slot of the key in `#key`, or the free slot where it would go. */
  #findSlot(): number {
    const mask = this.#index.length - 1;
    let slot = mix(this.#key, 0) & mask;
    for (;;) {
      const job = this.#index[slot] ?? 0;
      if (job === 0 || this.#isKeyOf(job)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #isKeyOf(job: JobNumber): boolean {
    const at = 4 * this.#slot(job);
    const words = this.#words;
    const key = this.#key;
    return (
      words[at] === key[0] &&
      words[at + 1] === key[1] &&
      words[at + 2] === key[2] &&
      words[at + 3] === key[3]
    );
  }

  /** Backward-shift deletion: later entries of the same run move up, so no tombstones pile up. */
  #removeFromIndex(slot: number): void {
    const mask = this.#index.length - 1;
    let hole = slot;
    let next = (hole + 1) & mask;
    for (;;) {
      const job = this.#index[next] ?? 0;
      if (job === 0) {
        break;
      }
      const home = mix(this.#words, 4 * this.#slot(job)) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        this.#index[hole] = job;
        hole = next;
      }
      next = (next + 1) & mask;
    }
    this.#index[hole] = 0;
  }

  #grow(): void {
    const old = { words: this.#words, hashes: this.#hashes, times: this.#acceptedAtMs };
    const oldMask = this.#capacity - 1;
    this.#capacity *= 2;
    this.#words = new Uint32Array(4 * this.#capacity);
    this.#hashes = new Float64Array(this.#capacity);
    this.#acceptedAtMs = new Float64Array(this.#capacity);
    this.#index = new Float64Array(2 * this.#capacity);
    for (let job = this.#firstJob; job < this.#firstJob + this.#count; job += 1) {
      const from = job & oldMask;
      const to = this.#slot(job);
      this.#words.set(old.words.subarray(4 * from, 4 * from + 4), 4 * to);
      this.#hashes[to] = old.hashes[from] ?? 0;
      this.#acceptedAtMs[to] = old.times[from] ?? 0;
      this.#loadKey(job);
      this.#index[this.#findSlot()] = job;
    }
  }
}

/** Client-made ids may be anything but random, so the words are mixed (finaliser of MurmurHash3). */
function mix(words: Uint32Array, at: number): number {
  let hash = 0;
  for (let index = 0; index < 4; index += 1) {
    hash = Math.imul(hash ^ (words[at + index] ?? 0), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** Reads the 32 hex digits of a lower-case UUID into four words. */
function readUuid(text: string, into: Uint32Array): void {
  let word = 0;
  let digits = 0;
  for (let index = 0; index < text.length && digits < 32; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 45) {
      continue;
    }
    word = (word << 4) | (code <= 57 ? code - 48 : code - 87);
    digits += 1;
    if ((digits & 7) === 0) {
      into[(digits >> 3) - 1] = word;
      word = 0;
    }
  }
}

function writeUuid(words: Uint32Array, at: number): string {
  let hex = "";
  for (let index = 0; index < 4; index += 1) {
    hex += (words[at + index] ?? 0).toString(16).padStart(8, "0");
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
