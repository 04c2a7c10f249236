import { type ClusterPlan, labelNames, type SitePlan } from "@ertis/provisioning-model";
import type { PowerDomain } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import type { Manifest } from "../manifest.ts";

interface Rule {
  readonly [field: string]: unknown;
}

/** Above this part of its usable limit a domain has no room left for a surprise. */
const nearLimitRatio = 0.95;

/**
 * Draw against limits, row by row and for the hall, and the health of GPUs and hosts. Limits come from
 * the site file: a changed breaker changes the rule.
 *
 * Draw is known from GPUs only. Beside it every host counts as idle, which counts the idle GPUs twice, so
 * the estimate is at most a few percent high and never low.
 */
export function platformAlertManifests(plan: SitePlan, cluster: ClusterPlan): readonly Manifest[] {
  const rows = cluster.powerFeeds.flatMap(({ rowIndexes }) => rowIndexes);
  const groups = [
    { name: "power", rules: [...drawRules(), ...limitRules(plan, cluster, rows), ...drawAlerts] },
    { name: "gpus", rules: gpuAlerts },
    { name: "hosts", rules: hostAlerts },
  ];
  return [
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: "ertis-platform", namespace: "monitoring" },
      spec: { groups },
    },
  ];
}

/** kube-state-metrics writes labels of nodes with `_` for everything but letters and digits. */
function metricLabel(label: string): string {
  return `label_${label.replaceAll(/[^a-zA-Z0-9]/g, "_")}`;
}

const rowLabel = metricLabel(labelNames.row);
const stateLabel = metricLabel(labelNames.state);

function drawRules(): readonly Rule[] {
  return [
    {
      record: "ertis:row_gpu_draw_watts:sum",
      expr:
        `sum by (row) (label_replace(DCGM_FI_DEV_POWER_USAGE * on (node) group_left (${rowLabel}) ` +
        `kube_node_labels, "row", "$1", "${rowLabel}", "(.*)"))`,
    },
    { record: "ertis:hall_gpu_draw_watts:sum", expr: "sum(ertis:row_gpu_draw_watts:sum)" },
  ];
}

/** What the site file says of each row and the hall, as series to compare with. */
function limitRules(
  plan: SitePlan,
  cluster: ClusterPlan,
  rows: readonly number[],
): readonly Rule[] {
  const series = (
    record: string,
    watts: number,
    labels: Readonly<Record<string, string>>,
  ): Rule => ({
    record,
    expr: `vector(${watts})`,
    labels,
  });
  const perRow = rows.flatMap((index) => {
    const domain = plan.site.domains[index];
    return domain === undefined
      ? []
      : [
          series("ertis:row_usable_watts", toNumber(domain.usableWatts), { row: lastPart(domain) }),
          series("ertis:row_idle_watts", idleWatts(cluster, domain), { row: lastPart(domain) }),
        ];
  });
  const { hall } = cluster;
  const rowsIdleWatts = cluster.hosts.reduce((sum, host) => sum + host.idleWatts, 0);
  return [
    ...perRow,
    series("ertis:hall_usable_watts", toNumber(hall.usableWatts), { hall: cluster.name }),
    series("ertis:hall_idle_watts", rowsIdleWatts + toNumber(hall.fixedWatts), {
      hall: cluster.name,
    }),
  ];
}

function lastPart({ id }: PowerDomain): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function idleWatts(cluster: ClusterPlan, row: PowerDomain): number {
  const hosts = cluster.hosts.filter(({ rowIndex }) => rowIndex === row.index);
  return hosts.reduce((sum, host) => sum + host.idleWatts, 0) + toNumber(row.fixedWatts);
}

const drawAlerts: readonly Rule[] = [
  {
    alert: "RowDrawNearLimit",
    expr:
      "ertis:row_gpu_draw_watts:sum + on (row) ertis:row_idle_watts > on (row) " +
      `${nearLimitRatio} * ertis:row_usable_watts`,
    for: "1m",
    labels: { severity: "critical" },
    annotations: {
      summary: "Row {{ $labels.row }} draws {{ $value | humanize }}W, near its usable limit.",
      description:
        "Lower the hall's budget in the site file or hold the queue: the breaker protects itself.",
    },
  },
  {
    alert: "HallDrawNearLimit",
    expr:
      "sum(ertis:hall_gpu_draw_watts:sum) + sum(ertis:hall_idle_watts) > " +
      `${nearLimitRatio} * sum(ertis:hall_usable_watts)`,
    for: "1m",
    labels: { severity: "critical" },
    annotations: { summary: "The hall draws {{ $value | humanize }}W, near its usable limit." },
  },
  {
    alert: "GpuDrawUnknown",
    expr: "absent(DCGM_FI_DEV_POWER_USAGE)",
    for: "10m",
    labels: { severity: "warning" },
    annotations: { summary: "No GPU reports its draw: alerts of rows and the hall are blind." },
  },
];

const gpuAlerts: readonly Rule[] = [
  {
    alert: "GpuXidError",
    expr: "changes(DCGM_FI_DEV_XID_ERRORS[5m]) > 0 and DCGM_FI_DEV_XID_ERRORS > 0",
    labels: { severity: "warning" },
    annotations: {
      summary: "GPU {{ $labels.gpu }} of {{ $labels.node }} reported XID {{ $value }}.",
      description: "Move the host to triage in the provisioning file; see the repair runbook.",
    },
  },
  {
    alert: "GpuTooHot",
    expr: "DCGM_FI_DEV_GPU_TEMP > 87",
    for: "5m",
    labels: { severity: "warning" },
    annotations: { summary: "GPU {{ $labels.gpu }} of {{ $labels.node }} is at {{ $value }} °C." },
  },
];

const hostAlerts: readonly Rule[] = [
  {
    alert: "ProductionHostNotReady",
    expr:
      'kube_node_status_condition{condition="Ready",status="true"} == 0 and on (node) ' +
      `kube_node_labels{${stateLabel}="production"}`,
    for: "10m",
    labels: { severity: "warning" },
    annotations: { summary: "{{ $labels.node }} is in production and not ready for 10 minutes." },
  },
  {
    alert: "HostLongInTriage",
    expr: `kube_node_labels{${stateLabel}=~"triage|repair"}`,
    for: "14d",
    labels: { severity: "info" },
    annotations: { summary: `{{ $labels.node }} is out of production for two weeks.` },
  },
  {
    alert: "BurnInFailed",
    expr: 'kube_job_status_failed{namespace="node-health"} > 0',
    labels: { severity: "warning" },
    annotations: {
      summary: "Burn-in {{ $labels.job_name }} failed on {{ $value }} hosts.",
      description: "The log of each pod says which GPU; such a host goes to triage.",
    },
  },
];
