interface Expression {
  readonly key: string;
  readonly operator: "Exists" | "DoesNotExist" | "In" | "NotIn";
  readonly values?: readonly string[];
}

/**
 * What kwok plays instead of a kubelet: nodes are ready, pods start and go when they are deleted. Unlike
 * kwok's own stages, nothing finishes a pod, so a job holds its watts until the test ends it.
 */
export const kubeletStages: readonly unknown[] = [
  stage("node-ready", "Node", {
    when: [
      {
        key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
        operator: "NotIn",
        values: ["True"],
      },
    ],
    next: {
      statusTemplate: `{{ $now := Now }}
conditions:
  - lastHeartbeatTime: {{ $now | Quote }}
    lastTransitionTime: {{ $now | Quote }}
    message: played
    reason: KubeletReady
    status: "True"
    type: Ready
`,
    },
  }),
  stage("pod-running", "Pod", {
    when: [
      { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
      { key: ".status.phase", operator: "In", values: ["Pending"] },
    ],
    next: {
      statusTemplate: `{{ $now := Now }}
conditions:
{{ range $type := list "Initialized" "Ready" "ContainersReady" }}
  - lastTransitionTime: {{ $now | Quote }}
    status: "True"
    type: {{ $type | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
  - image: {{ .image | Quote }}
    name: {{ .name | Quote }}
    ready: true
    restartCount: 0
    state: {running: {startedAt: {{ $now | Quote }}}}
{{ end }}
phase: Running
startTime: {{ $now | Quote }}
`,
    },
  }),
  stage("pod-gone", "Pod", {
    when: [{ key: ".metadata.deletionTimestamp", operator: "Exists" }],
    next: { delete: true, finalizers: { empty: true } },
  }),
];

function stage(
  name: string,
  kind: "Node" | "Pod",
  spec: { readonly when: readonly Expression[]; readonly next: unknown },
): unknown {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions: spec.when },
      next: spec.next,
    },
  };
}
