import type { AttemptKey } from "@ertis/scheduler-engine";
import { type AttemptRecord, compareKeys, textOf } from "./attempt-record.ts";
import type { NodeTable } from "./node-table.ts";
import { movedNode, type SiteMove } from "./site-move.ts";
import { StartLedger } from "./start-ledger.ts";
import type { Tenancy } from "./tenancy.ts";

/** Attempts by name, and which of them holds what. */
export class AttemptTable {
  readonly starts: StartLedger = new StartLedger();
  readonly #nodes: NodeTable;
  readonly #records = new Map<string, AttemptRecord>();
  /** Which attempt holds a tenancy, for nodes that fail. */
  readonly #holders = new Map<Tenancy, AttemptRecord>();

  constructor(nodes: NodeTable) {
    this.#nodes = nodes;
  }

  get(key: AttemptKey): AttemptRecord | undefined {
    return this.#records.get(textOf(key));
  }

  /** In no order that may decide anything. */
  all(): Iterable<AttemptRecord> {
    return this.#records.values();
  }

  sorted(): readonly AttemptRecord[] {
    return [...this.#records.values()].toSorted((a, b) => compareKeys(a.key, b.key));
  }

  /** Attempts that hold something on the node, sorted. */
  on(node: number): readonly AttemptRecord[] {
    return this.#nodes
      .tenants(node)
      .flatMap((tenancy) => this.#holders.get(tenancy) ?? [])
      .toSorted((a, b) => compareKeys(a.key, b.key));
  }

  add(record: AttemptRecord): void {
    this.#records.set(textOf(record.key), record);
    for (const tenancy of record.tenancies) {
      this.#nodes.add(tenancy);
      this.#holders.set(tenancy, record);
    }
  }

  release(tenancy: Tenancy, nowMs: number): void {
    if (tenancy.releasedMs === undefined) {
      this.#nodes.release(tenancy, nowMs);
      this.#holders.delete(tenancy);
    }
  }

  forget({ key }: AttemptRecord): void {
    this.#records.delete(textOf(key));
    this.starts.forget(key);
  }

  millijoulesOf({ tenancies }: AttemptRecord, nowMs: number): bigint {
    return tenancies.reduce(
      (sum, tenancy) => sum + this.#nodes.tenancyMillijoules(tenancy, nowMs),
      0n,
    );
  }

  /** The nodes are known by other positions from now on. */
  move(move: SiteMove): void {
    for (const record of this.#records.values()) {
      record.tenancies = record.tenancies.filter((tenancy) => {
        tenancy.node = movedNode(move, tenancy.node);
        return tenancy.node >= 0;
      });
    }
  }
}
