import { Account, Quota } from "@ertis/api";
import { parseWatts, toNumber } from "@ertis/quantities";
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { findNearest } from "../job-file/nearest.ts";
import { quote, readCount } from "../job-file/parse-settings.ts";
import { showWatts } from "../output/format.ts";
import { UsageError } from "../usage-error.ts";

const levels = ["tenants", "projects", "users"] as const;
type Level = 0 | 1 | 2;

const mostWeight = 1_000_000;
const mostGpus = 10_000_000;

interface Guarantee {
  readonly gpus: number;
  readonly watts: number;
}

const noGuarantee: Guarantee = { gpus: 0, watts: 0 };

/** Reads one file and collects what is wrong with it, line by line. */
class AccountFile {
  readonly accounts: Account[] = [];
  readonly faults: string[] = [];
  readonly #path: string;
  readonly #lines: LineCounter;
  /** Jobs name their project alone. */
  readonly #projects = new Map<string, string>();
  /** What the accounts below one are guaranteed together. */
  readonly #guaranteedBelow = new Map<string, Guarantee>();

  constructor(path: string, lines: LineCounter) {
    this.#path = path;
    this.#lines = lines;
  }

  fault(node: unknown, message: string): void {
    const range =
      typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)
        ? node.range
        : [0];
    const offset: unknown = range[0];
    const { line } = this.#lines.linePos(typeof offset === "number" ? offset : 0);
    this.faults.push(`${this.#path}:${Math.max(1, line)}: ${message}`);
  }

  /** The entries of a block with its known keys; undefined, and told, when it is none. */
  block(node: unknown, known: readonly string[]): ReadonlyMap<string, unknown> | undefined {
    if (!isMap(node)) {
      this.fault(node, `expected a block with ${known.join(", ")}`);
      return undefined;
    }
    const found = new Map<string, unknown>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "";
      if (!known.includes(name)) {
        const near = findNearest(name, known);
        const hint =
          near === undefined ? `: allowed are ${known.join(", ")}` : `: did you mean ${near}?`;
        this.fault(key, `unknown key ${quote(name)}${hint}`);
      }
      found.set(name, value);
    }
    return found;
  }

  text(node: unknown): string {
    return isScalar(node) ? (node.source ?? String(node.value)) : "";
  }

  count(node: unknown, least: number, most: number): number {
    const read = readCount(this.text(node), least, most);
    if (read.kind === "wrong") {
      this.fault(node, read.message);
      return least;
    }
    return read.value;
  }

  power(node: unknown): number {
    const parsed = parseWatts(this.text(node));
    if (parsed.kind === "error") {
      this.fault(node, parsed.message);
      return 0;
    }
    return toNumber(parsed.value);
  }

  /** `{gpus: 512, power: 600 kW}`, either of them. */
  amount(node: unknown): { readonly gpuCount?: number; readonly powerWatts?: number } {
    const parts = this.block(node, ["gpus", "power"]) ?? new Map<string, unknown>();
    return {
      ...(parts.has("gpus") ? { gpuCount: this.count(parts.get("gpus"), 0, mostGpus) } : {}),
      ...(parts.has("power") ? { powerWatts: this.power(parts.get("power")) } : {}),
    };
  }

  named(node: unknown, parent: string, level: Level): void {
    if (!isMap(node)) {
      const found = isSeq(node) ? "a list" : "no block";
      this.fault(
        node,
        `${levels[level]} is a block of named accounts, found ${found}: write for example ${levels[level]}: {physics: {weight: 2}}`,
      );
      return;
    }
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "";
      if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) {
        this.fault(key, `${quote(name)} is no name: use a-z, 0-9 and . _ -`);
        // What it holds is checked all the same: whoever mends one fault is told of all.
      }
      const id = parent === "" ? name : `${parent}/${name}`;
      const other = level === 1 ? this.#projects.get(name) : undefined;
      if (other !== undefined) {
        this.fault(
          key,
          `project ${id} has the name of ${other}, and jobs name their project alone`,
        );
      }
      this.#projects.set(level === 1 ? name : "", id);
      this.account(value, id, level);
    }
  }

  /** What is guaranteed is guaranteed in both, and to all below together at most as much. */
  #checkGuarantee(node: unknown, id: string, own: Quota): void {
    const { guaranteedGpuCount: gpus, guaranteedWatts } = own;
    if (gpus > 0 !== guaranteedWatts > 0) {
      this.fault(node, "a guarantee needs gpus and power: jobs need both");
    }
    const below = this.#guaranteedBelow.get(id) ?? noGuarantee;
    if (below.gpus > gpus) {
      this.fault(node, `below ${id} ${below.gpus} GPUs are guaranteed together, to itself ${gpus}`);
    }
    if (below.watts > guaranteedWatts) {
      const [all, most] = [showWatts(below.watts), showWatts(guaranteedWatts)];
      this.fault(node, `below ${id} ${all} are guaranteed together, to itself ${most}`);
    }
    const parent = id.slice(0, Math.max(0, id.lastIndexOf("/")));
    const beside = this.#guaranteedBelow.get(parent) ?? noGuarantee;
    this.#guaranteedBelow.set(parent, {
      gpus: beside.gpus + gpus,
      watts: beside.watts + guaranteedWatts,
    });
  }

  account(node: unknown, id: string, level: Level): void {
    const below = level < 2 ? levels[level + 1] : undefined;
    const known = ["weight", "guaranteed", "borrow", ...(below === undefined ? [] : [below])];
    const parts = this.block(node, known);
    if (parts === undefined) {
      return;
    }
    const weight = parts.has("weight") ? this.count(parts.get("weight"), 1, mostWeight) : 1;
    const hasQuota = parts.has("guaranteed") || parts.has("borrow");
    const faultCount = this.faults.length;
    const own = parts.has("guaranteed") ? this.amount(parts.get("guaranteed")) : {};
    // Of an amount that cannot be read nobody knows whether it contradicts another.
    const isRead = this.faults.length === faultCount;
    const borrow = parts.has("borrow") ? this.amount(parts.get("borrow")) : {};
    const quota = Quota.fromPartial({
      guaranteedGpuCount: own.gpuCount ?? 0,
      guaranteedWatts: own.powerWatts ?? 0,
      borrowableGpuCount: borrow.gpuCount,
      borrowableWatts: borrow.powerWatts,
    });
    this.accounts.push(Account.fromPartial({ id, weight, ...(hasQuota ? { quota } : {}) }));
    if (below !== undefined && parts.has(below)) {
      this.named(parts.get(below), id, level === 0 ? 1 : 2);
    }
    if (isRead) {
      this.#checkGuarantee(parts.get("guaranteed") ?? node, id, quota);
    }
  }
}

/** Accounts of a YAML or JSON file, parents before children. Throws `UsageError` with every fault at once. */
export function readAccountFile(path: string, text: string): Account[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new UsageError(`${path}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
  }
  const file = new AccountFile(path, lines);
  const top = file.block(document.contents, ["tenants"]);
  if (top?.has("tenants") === true) {
    file.named(top.get("tenants"), "", 0);
  } else if (file.faults.length === 0) {
    file.fault(document.contents, "there is no tenants: block");
  }
  if (file.faults.length > 0) {
    throw new UsageError(file.faults.slice(0, 20).join("\n"));
  }
  return file.accounts;
}
