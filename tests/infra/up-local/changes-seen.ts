import type { PropertyChange } from "@ertis/infra-operations";
import { expect } from "vitest";
import { type StackRow, told } from "./command-runner.ts";

/** The objects that `infra/operations/transcripts.md` shows of a node class that idles at 2.6 kW, not 2.5. */
export function expectNodeClassChange(
  rows: readonly StackRow[],
  hall: string,
  hosts: readonly string[],
): void {
  const lines = told(rows);
  const isOfHost = (line: string): boolean => line.startsWith(`inventory/${hall}: `);
  expect(lines.filter(isOfHost).toSorted()).toEqual(
    hosts.map((host) => `inventory/${hall}: update BareMetalHost/${hall}/${host}`).toSorted(),
  );
  const ofHosts = propertiesOf(rows.filter(({ stack }) => stack === `inventory/${hall}`));
  expect(new Set(ofHosts.map(textOf))).toEqual(
    new Set(['metadata.annotations["ertis.kz/idle-watts"]: 2500 → 2600']),
  );
  expect(lines.filter((line) => !isOfHost(line)).toSorted()).toEqual([
    `platform/${hall}: update PrometheusRule/monitoring/ertis-platform`,
    `queues/${hall}: update ClusterQueue/research`,
    `queues/${hall}: update ConfigMap/kueue-system/kueue-configuration`,
    `queues/${hall}: update release`,
  ]);
}

/** A host that is sent to repair: its label, and one machine less in the deployment of its power feed. */
export function expectRepair(rows: readonly StackRow[], hall: string, host: string): void {
  expect(told(rows).toSorted()).toEqual([
    `clusters/${hall}: update Cluster/${hall}/${hall}`,
    `inventory/${hall}: update BareMetalHost/${hall}/${host}`,
  ]);
  const isReplicas = ({ path }: PropertyChange): boolean =>
    /^spec\.topology\.workers\.machineDeployments\[\d+\]\.replicas$/.test(path);
  const changed = propertiesOf(rows);
  expect(changed.filter((one) => !isReplicas(one)).map(textOf)).toEqual([
    'metadata.labels["ertis.kz/state"]: production → repair',
  ]);
  const replicas = changed.filter(isReplicas);
  expect(replicas.map(({ before, after }) => Number(before) - Number(after))).toEqual([1]);
}

function propertiesOf(rows: readonly StackRow[]): readonly PropertyChange[] {
  return rows.flatMap(({ changes }) => changes.flatMap(({ properties }) => properties));
}

function textOf({ path, before, after }: PropertyChange): string {
  return `${path}: ${String(before)} → ${String(after)}`;
}
