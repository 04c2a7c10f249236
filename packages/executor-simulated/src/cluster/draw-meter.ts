import { toNumber } from "@ertis/quantities";
import type { MeasuredDraw } from "@ertis/scheduler-runtime";
import type { AttemptRecord } from "./attempt-record.ts";
import type { MeteredDomain } from "./cluster-site.ts";
import type { NodeTable } from "./node-table.ts";
import type { Tenancy } from "./tenancy.ts";

/** What one reading may name; a site that runs more says nothing about the rest. */
const measuredAttemptsMax = 50_000;

/** Meters are read on the stroke of their interval, so that the clusters of a scheduler agree. */
export function nextReadingMs(nowMs: number, everyMs: number): number {
  return (Math.floor(nowMs / everyMs) + 1) * everyMs;
}

/** Meters in rows and above, and what each attempt's nodes say of themselves: means between two readings. */
export class DrawMeter {
  readonly #nodes: NodeTable;
  #readMs: number;

  constructor(nodes: NodeTable, startMs: number) {
    this.#nodes = nodes;
    this.#readMs = startMs;
  }

  /** Undefined where no time passed, or nothing is metered. */
  read(records: readonly AttemptRecord[], nowMs: number): MeasuredDraw | undefined {
    const spanMs = nowMs - this.#readMs;
    const { domains } = this.#nodes.site;
    if (spanMs <= 0 || domains === undefined) {
      return undefined;
    }
    this.#readMs = nowMs;
    const read = this.#nodes.readMeters(nowMs);
    const watts = this.#domainWatts(domains, read.nodes, spanMs);
    return {
      revision: this.#nodes.site.revision,
      // A rack has no meter of its own.
      domains: domains.flatMap(({ kind }, domain) =>
        kind === "rack" ? [] : [{ domain, watts: Math.round(watts[domain] ?? 0) }],
      ),
      attempts: records
        .filter((record) => record.tenancies.some(({ releasedMs }) => releasedMs === undefined))
        .slice(0, measuredAttemptsMax)
        .map((record) => ({
          attempt: record.key,
          watts: Math.round(this.#attemptWatts(record, read.tenancies, spanMs)),
          ...this.#gpuWatts(record, read.tenancies, spanMs),
        })),
    };
  }

  #domainWatts(
    domains: readonly MeteredDomain[],
    nodeMillijoules: Float64Array,
    spanMs: number,
  ): Float64Array {
    const sums = Float64Array.from(domains, ({ fixedWatts }) => toNumber(fixedWatts));
    const factors = domains.map(({ loadFactor }) => loadFactor.numerator / loadFactor.denominator);
    this.#nodes.site.nodes.forEach(({ domainIndex = -1 }, node) => {
      const drawn = ((nodeMillijoules[node] ?? 0) / spanMs) * (factors[domainIndex] ?? 1);
      sums[domainIndex] = (sums[domainIndex] ?? 0) + drawn;
    });
    // Parents come before their children in a site.
    for (let domain = domains.length - 1; domain >= 0; domain -= 1) {
      const parent = domains[domain]?.parentIndex ?? -1;
      if (parent >= 0) {
        sums[parent] = (sums[parent] ?? 0) + (sums[domain] ?? 0) * (factors[parent] ?? 1);
      }
    }
    return sums;
  }

  /** Of the GPUs of that node where they draw most; nothing where GPUs have no meters, as they take no caps. */
  #gpuWatts(
    { tenancies }: AttemptRecord,
    millijoules: ReadonlyMap<Tenancy, number>,
    spanMs: number,
  ): { readonly gpuWatts?: number } {
    let most = -1;
    for (const tenancy of tenancies) {
      const drawn = millijoules.get(tenancy);
      const { gpuCap } = this.#nodes.classOf(tenancy.node);
      if (drawn !== undefined && gpuCap !== undefined) {
        const unused = this.#nodes.allowanceOf(tenancy).ceilingWatts - drawn / spanMs;
        most = Math.max(most, toNumber(gpuCap.highestWatts) - unused / tenancy.gpuCount);
      }
    }
    return most < 0 ? {} : { gpuWatts: Math.round(most) };
  }

  /** Above idle, and the idle draw of the nodes for its part of their GPUs. */
  #attemptWatts(
    { tenancies }: AttemptRecord,
    millijoules: ReadonlyMap<Tenancy, number>,
    spanMs: number,
  ): number {
    let watts = 0;
    for (const tenancy of tenancies) {
      const drawn = millijoules.get(tenancy);
      if (drawn !== undefined) {
        const { gpuCount } = this.#nodes.classOf(tenancy.node);
        watts += drawn / spanMs;
        watts += (this.#nodes.idleWatts(tenancy.node) * tenancy.gpuCount) / gpuCount;
      }
    }
    return watts;
  }
}
