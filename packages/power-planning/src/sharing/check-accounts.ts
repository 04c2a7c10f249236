import type { Capacity } from "./usage.ts";

export interface AccountClaim {
  /** `tenant`, `tenant/project` or `tenant/project/user`. */
  readonly id: string;
  readonly guaranteed: Capacity;
  /** With what it may borrow; Infinity: no bound. */
  readonly most: Capacity;
}

export type AccountProblem =
  | { readonly kind: "bad-name"; readonly id: string }
  | { readonly kind: "twice"; readonly id: string; readonly other: string }
  | { readonly kind: "no-parent"; readonly id: string; readonly parent: string }
  | {
      readonly kind: "too-much";
      /** Empty: all tenants together, against the sites. */
      readonly id: string;
      readonly resource: "GPUs" | "watts";
      readonly sum: number;
      readonly most: number;
    }
  /** What it may hold is more than the sites have: no bound at all, and surely not meant. */
  | {
      readonly kind: "no-bound";
      readonly id: string;
      readonly resource: "GPUs" | "watts";
      readonly may: number;
      readonly most: number;
    }
  /** Only what is guaranteed in both resources is. */
  | { readonly kind: "half-guarantee"; readonly id: string; readonly lacks: "GPUs" | "watts" };

const depthMax = 3;
const namePattern = /^[a-z0-9][a-z0-9._-]*$/u;

/**
 * What is wrong with a set of accounts; the first thing in their order. Project names are unique
 * among all tenants, since a job names its project alone. What children are guaranteed adds up to
 * at most what their parent is, and what tenants are to at most what jobs can have of the sites; a bound
 * is one only below the whole of what the sites have.
 */
export function checkAccounts(
  accounts: readonly AccountClaim[],
  { forJobs, whole }: { readonly forJobs: Capacity; readonly whole: Capacity },
): AccountProblem | undefined {
  const ids = new Map<string, AccountClaim>();
  const projects = new Map<string, string>();
  for (const account of accounts) {
    const { id } = account;
    const parts = id.split("/");
    if (parts.length > depthMax || parts.some((part) => !namePattern.test(part))) {
      return { kind: "bad-name", id };
    }
    if (ids.has(id)) {
      return { kind: "twice", id, other: id };
    }
    const [, project] = parts;
    const other = project === undefined ? undefined : projects.get(project);
    if (project !== undefined && parts.length === 2) {
      if (other !== undefined) {
        return { kind: "twice", id, other };
      }
      projects.set(project, id);
    }
    ids.set(id, account);
  }
  for (const { id } of accounts) {
    const parent = parentId(id);
    if (parent !== "" && !ids.has(parent)) {
      return { kind: "no-parent", id, parent };
    }
  }
  return checkSums(accounts, ids, forJobs) ?? checkEach(accounts, whole);
}

function checkEach(accounts: readonly AccountClaim[], sites: Capacity): AccountProblem | undefined {
  for (const { id, guaranteed, most } of accounts) {
    if (guaranteed.gpuCount > 0 !== guaranteed.watts > 0) {
      return { kind: "half-guarantee", id, lacks: guaranteed.gpuCount > 0 ? "watts" : "GPUs" };
    }
    if (Number.isFinite(most.gpuCount) && most.gpuCount > sites.gpuCount) {
      return { kind: "no-bound", id, resource: "GPUs", may: most.gpuCount, most: sites.gpuCount };
    }
    if (Number.isFinite(most.watts) && most.watts > sites.watts) {
      return { kind: "no-bound", id, resource: "watts", may: most.watts, most: sites.watts };
    }
  }
  return undefined;
}

function checkSums(
  accounts: readonly AccountClaim[],
  ids: ReadonlyMap<string, AccountClaim>,
  sites: Capacity,
): AccountProblem | undefined {
  const sums = new Map<string, { gpuCount: number; watts: number }>();
  for (const { id, guaranteed } of accounts) {
    const sum = sums.get(parentId(id)) ?? { gpuCount: 0, watts: 0 };
    sum.gpuCount += guaranteed.gpuCount;
    sum.watts += guaranteed.watts;
    sums.set(parentId(id), sum);
  }
  for (const [id, sum] of sums) {
    const most = id === "" ? sites : (ids.get(id)?.guaranteed ?? sites);
    if (sum.gpuCount > most.gpuCount) {
      return { kind: "too-much", id, resource: "GPUs", sum: sum.gpuCount, most: most.gpuCount };
    }
    if (sum.watts > most.watts) {
      return { kind: "too-much", id, resource: "watts", sum: sum.watts, most: most.watts };
    }
  }
  return undefined;
}

/** Empty for a tenant. */
export function parentId(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("/")));
}
