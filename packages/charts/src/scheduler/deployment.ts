import { componentImages } from "../addons/component-images.ts";
import { siteImage } from "../images/site-image.ts";
import type { Manifest } from "../manifest.ts";
import { serverLabels, serverNames, serverPaths } from "./names.ts";
import { probeFile } from "./probe-script.ts";
import { configurationFile, joinScript } from "./server-configuration.ts";

export interface DeploymentOptions {
  readonly registry: string;
  /** ConfigMaps with one site file each. */
  readonly siteMaps: readonly string[];
  readonly configurationMap: string;
  /** Changes when anything changes that the server reads at its start. */
  readonly configurationHash: string;
}

/** Commands as the image has them: Node 24 and the repository's sources below one folder. */
const mainFile = "/opt/ertis/apps/scheduler/src/main.ts";

const securityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
} as const;

/**
 * One server, because its log has one writer. A Deployment with one volume and `Recreate` ends the old
 * pod before the new one starts; a StatefulSet would promise the same and add a stable name that nobody
 * uses, and it would wait for ever for a pod on a host that is gone.
 */
export function deploymentManifest(options: DeploymentOptions): Manifest {
  const { name, namespace, userId } = serverNames;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels: serverLabels },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: serverLabels },
      template: {
        metadata: {
          labels: serverLabels,
          annotations: { "ertis.kz/configuration": options.configurationHash },
        },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // The server closes within 10 s; the rest is for a snapshot that is being written.
          terminationGracePeriodSeconds: 60,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: userId,
            runAsGroup: userId,
            fsGroup: userId,
            fsGroupChangePolicy: "OnRootMismatch",
            seccompProfile: { type: "RuntimeDefault" },
          },
          initContainers: [joinContainer(options)],
          containers: [serverContainer(options)],
          volumes: volumes(options),
        },
      },
    },
  };
}

function joinContainer({ registry }: DeploymentOptions): Readonly<Record<string, unknown>> {
  return {
    name: "join-configuration",
    image: siteImage(registry, componentImages.ertis.server),
    command: ["node", "--eval", joinScript()],
    resources: {
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "1", memory: "256Mi" },
    },
    securityContext,
    volumeMounts: [
      { name: "configuration", mountPath: serverPaths.configuration, readOnly: true },
      { name: "people", mountPath: serverPaths.people, readOnly: true },
      { name: "run", mountPath: serverPaths.run },
    ],
  };
}

function serverContainer({ registry }: DeploymentOptions): Readonly<Record<string, unknown>> {
  const ask = ["node", `${serverPaths.configuration}/${probeFile}`];
  return {
    name: "server",
    image: siteImage(registry, componentImages.ertis.server),
    command: ["node", mainFile],
    args: serverArguments,
    ports: [{ name: "grpc", containerPort: serverNames.port }],
    // A long log takes minutes to restore; until then the server says that it is not serving.
    startupProbe: probe(ask, { periodSeconds: 10, failureThreshold: 90 }),
    readinessProbe: probe(ask, { periodSeconds: 10, failureThreshold: 2 }),
    livenessProbe: probe([...ask, "--live"], { periodSeconds: 30, failureThreshold: 4 }),
    resources: {
      requests: { cpu: "2", memory: "8Gi" },
      limits: { cpu: "4", memory: "16Gi" },
    },
    securityContext,
    volumeMounts: [
      { name: "configuration", mountPath: serverPaths.configuration, readOnly: true },
      { name: "sites", mountPath: serverPaths.sites, readOnly: true },
      { name: "tls", mountPath: serverPaths.tls, readOnly: true },
      { name: "run", mountPath: serverPaths.run },
      { name: "data", mountPath: serverPaths.data },
      { name: "temporary", mountPath: "/tmp" },
    ],
  };
}

/** The command line of the server: everything else is in the file. */
const serverArguments: readonly string[] = ["--config", `${serverPaths.run}/${configurationFile}`];

function probe(
  command: readonly string[],
  timing: { readonly periodSeconds: number; readonly failureThreshold: number },
): Readonly<Record<string, unknown>> {
  return { exec: { command }, timeoutSeconds: 5, ...timing };
}

function volumes({ siteMaps, configurationMap }: DeploymentOptions): readonly unknown[] {
  return [
    { name: "configuration", configMap: { name: configurationMap } },
    { name: "sites", projected: { sources: siteMaps.map((name) => ({ configMap: { name } })) } },
    { name: "people", secret: { secretName: "ertis-people" } },
    { name: "tls", secret: { secretName: `${serverNames.name}-tls` } },
    { name: "run", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
    { name: "temporary", emptyDir: { sizeLimit: "256Mi" } },
    { name: "data", persistentVolumeClaim: { claimName: `${serverNames.name}-data` } },
  ];
}
