import { crc32 } from "node:zlib";

import type { Sequence } from "@ertis/scheduler-runtime";

/**
 * CRC-32 of a row, seeded with the checksum of the row before it. The chain is what makes a row
 * that is missing, doubled or out of its place as visible as one with a flipped bit.
 */
export function rowChecksum(previousChecksum: number, sequence: Sequence, payload: string): number {
  return crc32(payload, crc32(`${String(sequence)}:`, previousChecksum));
}

/** The checksum "before" the first row ever. */
export const emptyChecksum = 0;
