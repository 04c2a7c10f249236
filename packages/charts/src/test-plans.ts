import type { ClusterPlan, Host, SitePlan } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import type { Manifest } from "./manifest.ts";

/** For tests: the plans of the repository's own sites. */
export const plans: readonly SitePlan[] = readPlans();

export interface Hall {
  readonly plan: SitePlan;
  readonly cluster: ClusterPlan;
}

/** One hall for each set of node classes of each provisioned site. */
export const halls: readonly Hall[] = plans
  .filter(({ mode }) => mode === "provisioned")
  .flatMap((plan) => {
    const byClasses = new Map(
      plan.clusters.map((cluster) => [cluster.nodeClasses.map(({ name }) => name).join(), cluster]),
    );
    return [...byClasses.values()].map((cluster) => ({ plan, cluster }));
  });

export function hallNamed(name: string): Hall {
  for (const plan of plans) {
    const cluster = plan.clusters.find((one) => one.name === name);
    if (cluster !== undefined) {
      return { plan, cluster };
    }
  }
  throw new Error(`no hall is named ${name}`);
}

/** The hall with some of its hosts changed. */
export function withHosts(hall: Hall, change: (host: Host) => Host): Hall {
  return { ...hall, cluster: { ...hall.cluster, hosts: hall.cluster.hosts.map(change) } };
}

export function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [first, second] = ofKind(manifests, kind);
  if (first === undefined || second !== undefined) {
    throw new Error(`there is not exactly one ${kind}`);
  }
  return first;
}

/** What lies at a path: `at(manifest, "spec", "topology", "version")`; undefined where a key is absent. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

export function listAt(value: unknown, ...keys: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found : [];
}

/** Every text in a value, with the key it stands under. */
export function textsIn(value: unknown, key = ""): readonly { key: string; text: string }[] {
  if (typeof value === "string") {
    return [{ key, text: value }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item) => textsIn(item, key));
  }
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, item]) => textsIn(item, name))
    : [];
}

function readPlans(): readonly SitePlan[] {
  const result = loadPlans();
  if (result.kind === "errors") {
    const lines = result.errors.map(({ file, line, message }) => `${file}:${line} ${message}`);
    throw new Error(lines.join("\n"));
  }
  return result.plans;
}
