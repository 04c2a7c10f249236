import {
  BinaryReader,
  type JobSpec as ApiJobSpec,
  JobSpec,
  SubmitItem,
  SubmitJobsRequest,
} from "@ertis/api";
import type { JobSpec as EngineSpec } from "@ertis/scheduler-engine";

/** What many jobs have in common: a spec without its name. Checked and mapped once for all of them. */
export interface CommonSpec {
  /** As decoded; its name is empty. */
  readonly api: ApiJobSpec;
  /** In the engine's words and with its hash, once one job with it was found right. */
  checked: { readonly spec: EngineSpec; readonly hash: number } | undefined;
}

/** One item of SubmitJobs as it came. */
export type ReceivedItem =
  | {
      /** The request id is a UUID in lower case, the name 1 to 127 characters of plain ASCII. */
      readonly kind: "plain";
      readonly requestId: string;
      readonly name: string;
      readonly common: CommonSpec;
    }
  | { readonly kind: "other"; readonly item: SubmitItem };

export interface ReceivedSubmit {
  readonly items: readonly ReceivedItem[];
}

/** Two batches of jobs that all differ are a twentieth of it; beyond it remembering starts over. */
const entriesMax = 16_384;
/** A power of two. */
const metSlots = 16_384;
/** A longer spec has a script of its own, most likely. */
const keyBytesMax = 1_024;

/** Field tags of the contract (number × 8 + 2, length-delimited); see proto/ertis/v1. */
const itemsTag = 0x0a;
const requestIdTag = 0x0a;
const specTag = 0x12;
const projectTag = 0x0a;
const nameTag = 0x12;
const uuidBytes = 36;

interface Entry {
  readonly key: Buffer;
  readonly common: CommonSpec;
}

/** Where the parts of one plain item are among the bytes. */
interface Places {
  requestId: number;
  specFrom: number;
  nameTagAt: number;
  nameFrom: number;
  nameTo: number;
  specTo: number;
}

/**
 * Decodes SubmitJobs. The jobs of a batch are mostly the same but for their names, so the bytes around
 * the name are looked up first and decoded only when they are new. Everything that is not laid out as
 * clients lay it out goes through the generated decoder: this is a short cut, never another rule.
 */
export class SubmitDecoder {
  readonly #entries = new Map<number, Entry>();
  /** Hashes met once: only what comes again is worth remembering. */
  readonly #met = new Int32Array(metSlots);
  readonly #places: Places = {
    requestId: 0,
    specFrom: 0,
    nameTagAt: 0,
    nameFrom: 0,
    nameTo: 0,
    specTo: 0,
  };

  /** @throws Error when the bytes are no SubmitJobsRequest */
  decode(bytes: Buffer): ReceivedSubmit {
    const items = this.#tryDecode(bytes);
    return { items: items ?? SubmitJobsRequest.decode(bytes).items.map(other) };
  }

  /** Undefined: the bytes are laid out in another way, or not well. */
  #tryDecode(bytes: Buffer): readonly ReceivedItem[] | undefined {
    const items: ReceivedItem[] = [];
    try {
      for (let at = 0; at < bytes.length;) {
        const from = afterLength(bytes, at + 1);
        const to = from + lengthBefore(bytes, at + 1, from);
        if (bytes[at] !== itemsTag || from === 0 || to > bytes.length) {
          return undefined;
        }
        const item = this.#plainItem(bytes, from, to) ?? otherItem(bytes.subarray(from, to));
        if (item === undefined) {
          return undefined;
        }
        items.push(item);
        at = to;
      }
    } catch {
      return undefined;
    }
    return items;
  }

  #plainItem(bytes: Buffer, from: number, to: number): ReceivedItem | undefined {
    const places = this.#places;
    if (!findPlaces(bytes, from, to, places)) {
      return undefined;
    }
    const common = this.#common(bytes, places);
    return common === undefined
      ? undefined
      : {
          kind: "plain",
          requestId: bytes.toString("latin1", places.requestId, places.requestId + uuidBytes),
          name: bytes.toString("latin1", places.nameFrom, places.nameTo),
          common,
        };
  }

  #common(bytes: Buffer, places: Places): CommonSpec | undefined {
    const { specFrom, nameTagAt, nameTo, specTo } = places;
    const hash = hashBytes(bytes, nameTo, specTo, hashBytes(bytes, specFrom, nameTagAt, 0));
    const known = this.#entries.get(hash);
    if (known !== undefined && isKey(known.key, bytes, places)) {
      return known.common;
    }
    const slot = hash & (metSlots - 1);
    if (this.#met[slot] !== hash) {
      this.#met[slot] = hash;
      return undefined;
    }
    const key = Buffer.concat([
      bytes.subarray(specFrom, nameTagAt),
      bytes.subarray(nameTo, specTo),
    ]);
    const reader = new BinaryReader(key);
    const api = JobSpec.decode(reader);
    // A second name further on would count: not laid out as expected.
    if (api.name !== "" || reader.pos !== key.length) {
      return undefined;
    }
    const common = { api, checked: undefined };
    if (key.length <= keyBytesMax) {
      if (this.#entries.size >= entriesMax) {
        this.#entries.clear();
      }
      this.#entries.set(hash, { key, common });
    }
    return common;
  }
}

function other(item: SubmitItem): ReceivedItem {
  return { kind: "other", item };
}

function otherItem(bytes: Buffer): ReceivedItem | undefined {
  const reader = new BinaryReader(bytes);
  const item = SubmitItem.decode(reader);
  // The generated decoder ends a message early at some wrong tags.
  return reader.pos === bytes.length ? other(item) : undefined;
}

/** Position after a length of one to three bytes; 0 when it is longer or cut off. */
function afterLength(bytes: Buffer, at: number): number {
  for (let next = at; next < at + 3; next += 1) {
    if ((bytes[next] ?? 0x80) < 0x80) {
      return next + 1;
    }
  }
  return 0;
}

function lengthBefore(bytes: Buffer, at: number, end: number): number {
  let length = 0;
  for (let index = end - 1; index >= at; index -= 1) {
    length = length * 128 + ((bytes[index] ?? 0) & 0x7f);
  }
  return length;
}

/** A request id that is a UUID, then a spec that begins with project and name; nothing else. */
function findPlaces(bytes: Buffer, from: number, to: number, places: Places): boolean {
  const specTagAt = from + 2 + uuidBytes;
  if (
    specTagAt + 2 >= to ||
    bytes[from] !== requestIdTag ||
    bytes[from + 1] !== uuidBytes ||
    !isUuid(bytes, from + 2) ||
    bytes[specTagAt] !== specTag
  ) {
    return false;
  }
  const specFrom = afterLength(bytes, specTagAt + 1);
  if (specFrom === 0 || specFrom + lengthBefore(bytes, specTagAt + 1, specFrom) !== to) {
    return false;
  }
  const nameTagAt = specFrom + 2 + (bytes[specFrom + 1] ?? 0);
  const nameFrom = nameTagAt + 2;
  const nameTo = nameFrom + (bytes[nameTagAt + 1] ?? 0);
  if (
    bytes[specFrom] !== projectTag ||
    (bytes[specFrom + 1] ?? 0x80) >= 0x80 ||
    bytes[nameTagAt] !== nameTag ||
    (bytes[nameTagAt + 1] ?? 0x80) >= 0x80 ||
    nameTo > to ||
    !isPlainName(bytes, nameFrom, nameTo)
  ) {
    return false;
  }
  places.requestId = from + 2;
  places.specFrom = specFrom;
  places.nameTagAt = nameTagAt;
  places.nameFrom = nameFrom;
  places.nameTo = nameTo;
  places.specTo = to;
  return true;
}

/** `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in lower case. */
function isUuid(bytes: Buffer, from: number): boolean {
  for (let index = 0; index < uuidBytes; index += 1) {
    const code = bytes[from + index] ?? 0;
    const isDashPlace = index === 8 || index === 13 || index === 18 || index === 23;
    const isHex = (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
    if (isDashPlace ? code !== 45 : !isHex) {
      return false;
    }
  }
  return true;
}

/** Visible ASCII and spaces, not spaces alone. */
function isPlainName(bytes: Buffer, from: number, to: number): boolean {
  let isVisible = false;
  for (let at = from; at < to; at += 1) {
    const code = bytes[at] ?? 0;
    if (code < 0x20 || code > 0x7e) {
      return false;
    }
    isVisible ||= code !== 0x20;
  }
  return isVisible;
}

/** Four bytes at a time (the mixing of MurmurHash). Only finds entries; bytes are compared after. */
function hashBytes(bytes: Buffer, from: number, to: number, seed: number): number {
  let hash = seed ^ (to - from);
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  for (; at < to; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x9e37_79b1);
    hash ^= hash >>> 13;
  }
  return hash;
}

function isKey(key: Buffer, bytes: Buffer, places: Places): boolean {
  const { specFrom, nameTagAt, nameTo, specTo } = places;
  const before = nameTagAt - specFrom;
  if (key.length !== before + specTo - nameTo) {
    return false;
  }
  for (let index = 0; index < before; index += 1) {
    if (key[index] !== bytes[specFrom + index]) {
      return false;
    }
  }
  const shift = nameTo - before;
  for (let index = before; index < key.length; index += 1) {
    if (key[index] !== bytes[shift + index]) {
      return false;
    }
  }
  return true;
}
