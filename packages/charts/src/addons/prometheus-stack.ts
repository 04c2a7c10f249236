import { labelNames } from "@ertis/provisioning-model";
import { versions } from "../versions.ts";
import type { AddonDescription, AddonProject, AddonValues } from "./addon.ts";
import { splitImage } from "./image-values.ts";

const version = versions.addons.prometheusStack;
const images = {
  operator: `quay.io/prometheus-operator/prometheus-operator:${version.app}`,
  reloader: `quay.io/prometheus-operator/prometheus-config-reloader:${version.app}`,
  prometheus: "quay.io/prometheus/prometheus:v3.12.0-distroless",
  alertmanager: "quay.io/prometheus/alertmanager:v0.32.2",
  nodeExporter: "quay.io/prometheus/node-exporter:v1.11.1-distroless",
  stateMetrics: "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.19.0",
};
const dashboardImages = {
  grafana: "docker.io/grafana/grafana:13.0.1-security-01",
  sidecar: "quay.io/kiwigrid/k8s-sidecar:2.7.3",
};

const nodeLabels = [
  labelNames.site,
  labelNames.hall,
  labelNames.powerFeed,
  labelNames.row,
  labelNames.rack,
  labelNames.nodeClass,
  labelNames.state,
];

/** The Secret with Grafana's first user; the management stack fills it from the secret store. */
export const grafanaSecretName = "grafana-admin";

/**
 * Metrics and alerts, and on the management cluster dashboards: halls have nothing that would bring
 * Grafana's password, and one place to look is enough. Admission hooks are off: cert-manager brings that certificate. */
export function prometheusStack(
  project: AddonProject,
  dependsOn: readonly string[],
): AddonDescription {
  return {
    name: "kube-prometheus-stack",
    project,
    chart: {
      name: "kube-prometheus-stack",
      upstream: {
        kind: "oci",
        url: "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack",
      },
    },
    version,
    namespace: "monitoring",
    // The node exporter reads the host.
    podSecurity: "privileged",
    images: Object.values(project === "management" ? { ...images, ...dashboardImages } : images),
    values: ({ registry }) => stackValues(registry, project === "management"),
    nodeSelectorPaths: [
      "prometheusOperator.nodeSelector",
      "prometheus.prometheusSpec.nodeSelector",
      "alertmanager.alertmanagerSpec.nodeSelector",
      "kube-state-metrics.nodeSelector",
      "grafana.nodeSelector",
    ],
    tolerationPaths: [
      "prometheusOperator.tolerations",
      "prometheus.prometheusSpec.tolerations",
      "alertmanager.alertmanagerSpec.tolerations",
      "kube-state-metrics.tolerations",
      "grafana.tolerations",
    ],
    dependsOn,
    crds: ["monitoring.coreos.com"],
    healthCheck: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: "kube-prometheus-stack-operator",
    },
  };
}

function stackValues(registry: string, hasDashboards: boolean): AddonValues {
  return {
    global: { imageRegistry: registry },
    crds: { enabled: true, upgradeJob: { enabled: false } },
    prometheusOperator: {
      admissionWebhooks: {
        patch: { enabled: false },
        certManager: { enabled: true },
      },
      image: splitImage(registry, images.operator),
      prometheusConfigReloader: { image: splitImage(registry, images.reloader) },
    },
    prometheus: {
      prometheusSpec: {
        image: splitImage(registry, images.prometheus),
        retention: "30d",
        // Monitors and rules of every stack count, whatever release wrote them.
        serviceMonitorSelectorNilUsesHelmValues: false,
        podMonitorSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
      },
    },
    alertmanager: { alertmanagerSpec: { image: splitImage(registry, images.alertmanager) } },
    "prometheus-node-exporter": { image: splitImage(registry, images.nodeExporter) },
    "kube-state-metrics": {
      image: splitImage(registry, images.stateMetrics),
      // Draw by row and rack is a join with these labels.
      metricLabelsAllowlist: [`nodes=[${nodeLabels.join(",")}]`],
    },
    grafana: hasDashboards ? grafanaValues(registry) : { enabled: false },
  };
}

/** Nothing of it asks or tells its makers anything. */
function grafanaValues(registry: string): AddonValues {
  return {
    image: splitImage(registry, dashboardImages.grafana),
    sidecar: { image: splitImage(registry, dashboardImages.sidecar) },
    admin: {
      existingSecret: grafanaSecretName,
      userKey: "username",
      passwordKey: "password",
    },
    defaultDashboardsTimezone: "Asia/Almaty",
    "grafana.ini": {
      analytics: {
        enabled: false,
        reporting_enabled: false,
        check_for_updates: false,
        check_for_plugin_updates: false,
        feedback_links_enabled: false,
      },
      news: { news_feed_enabled: false },
      plugins: { plugin_admin_enabled: false, preinstall_disabled: true },
      security: { disable_gravatar: true },
      snapshots: { external_enabled: false },
    },
  };
}
