import type { Manifest } from "../manifest.ts";
import { serverNames } from "./names.ts";

const { name, namespace } = serverNames;
const here = `namespace="${namespace}"`;

/**
 * The server exports no metrics, so nothing here reads any of it. What is watched is what others know:
 * its pod (kube-state-metrics), its volume (the kubelet), its certificate (cert-manager).
 */
export function schedulerAlertManifests(): readonly Manifest[] {
  return [
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name, namespace },
      spec: { groups: [{ name: "ertis-scheduler", rules: alerts }] },
    },
    certManagerMonitor,
  ];
}

const alerts = [
  {
    alert: "ErtisNotServing",
    expr: `kube_deployment_status_replicas_available{${here},deployment="${name}"} < 1`,
    for: "3m",
    labels: { severity: "critical" },
    annotations: {
      summary: "The scheduler does not serve for three minutes; jobs run on, none is taken.",
      runbook: "docs/runbooks/scheduler-does-not-start.md",
    },
  },
  {
    alert: "ErtisRestarts",
    expr: `increase(kube_pod_container_status_restarts_total{${here},container="server"}[1h]) > 2`,
    labels: { severity: "warning" },
    annotations: {
      summary: "The scheduler started {{ $value | humanize }} times within an hour.",
      runbook: "docs/runbooks/scheduler-does-not-start.md",
    },
  },
  {
    alert: "ErtisVolumeFillsUp",
    expr:
      `kubelet_volume_stats_available_bytes{${here},persistentvolumeclaim="${name}-data"} / ` +
      `kubelet_volume_stats_capacity_bytes{${here},persistentvolumeclaim="${name}-data"} < 0.15`,
    for: "15m",
    labels: { severity: "warning" },
    annotations: {
      summary: "The scheduler's volume has {{ $value | humanizePercentage }} left.",
      runbook: "docs/runbooks/scheduler-does-not-start.md",
    },
  },
  {
    alert: "ErtisCertificateEnds",
    expr: `certmanager_certificate_expiration_timestamp_seconds{exported_namespace="${namespace}"} - time() < 15 * 86400`,
    for: "1h",
    labels: { severity: "warning" },
    annotations: {
      summary: "A certificate of the scheduler ends within 15 days: renewal is stuck.",
    },
  },
  {
    alert: "ErtisUnwatched",
    expr:
      `absent(kube_deployment_status_replicas_available{${here},deployment="${name}"}) or ` +
      `absent(certmanager_certificate_expiration_timestamp_seconds{exported_namespace="${namespace}"})`,
    for: "15m",
    labels: { severity: "warning" },
    annotations: { summary: "Figures of the scheduler's pod or certificate are missing." },
  },
] as const;

/** What knows when certificates end. Its add-on comes before the kinds of monitoring exist. */
const certManagerMonitor: Manifest = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "ServiceMonitor",
  metadata: { name: "cert-manager", namespace },
  spec: {
    namespaceSelector: { matchNames: ["cert-manager"] },
    selector: {
      matchLabels: {
        "app.kubernetes.io/name": "cert-manager",
        "app.kubernetes.io/component": "controller",
      },
    },
    endpoints: [{ port: "tcp-prometheus-servicemonitor", interval: "60s" }],
  },
};
