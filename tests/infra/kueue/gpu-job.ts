/** A Job of one pod that takes all GPUs of a node, as a researcher would write it. */
export interface GpuJob {
  readonly name: string;
  readonly namespace: string;
  readonly resource: string;
  /** Pods, each with eight GPUs; default 1. */
  readonly podCount?: number;
  /** All pods below one of these; absent: anywhere. */
  readonly sameLevel?: string;
}

export function gpuJob(job: GpuJob): Readonly<Record<string, unknown>> {
  const { name, namespace, resource, podCount = 1, sameLevel } = job;
  const topology =
    sameLevel === undefined
      ? { "kueue.x-k8s.io/podset-unconstrained-topology": "true" }
      : { "kueue.x-k8s.io/podset-required-topology": sameLevel };
  const resources = { cpu: "8", memory: "64Gi", [resource]: "8" };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels: { "kueue.x-k8s.io/queue-name": "default" } },
    spec: {
      parallelism: podCount,
      completions: podCount,
      completionMode: "Indexed",
      template: {
        metadata: { annotations: topology },
        spec: {
          restartPolicy: "Never",
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "train",
              image: "registry.small.ertis.kz/models/train:1",
              resources: { requests: resources, limits: resources },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            },
          ],
        },
      },
    },
  };
}
