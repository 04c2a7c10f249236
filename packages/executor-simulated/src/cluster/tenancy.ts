/** What one attempt holds on one node. */
export interface Tenancy {
  /** Its position in the site; an edited site may move it. */
  node: number;
  readonly gpuMask: number;
  readonly gpuCount: number;
  /** The cap its GPUs are held to here; 0: none. */
  capWatts: number;
  readonly drawPermille: number;
  readonly noiseLane: number;
  readonly heldFromMs: number;
  releasedMs: number | undefined;
  isDrawing: boolean;
  /** The energy above idle is summed up to here. */
  settledMs: number;
  settledMillijoules: bigint;
  /** The part of it since the meters were read. */
  meteredMillijoules: number;
}

export function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest &= rest - 1) {
    count += 1;
  }
  return count;
}
