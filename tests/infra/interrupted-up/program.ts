import * as k8s from "@pulumi/kubernetes";

/** Enough that some are being made whenever the engine is killed. */
const objectCount = Number(process.env["OBJECT_COUNT"]);
const value = process.env["OBJECT_VALUE"] ?? "";

const provider = new k8s.Provider("local", {
  kubeconfig: process.env["KUBECONFIG"] ?? "",
  clusterIdentifier: "interrupted",
  enableConfigMapMutable: true,
});

const objects = Array.from(
  { length: objectCount },
  (_, index) =>
    new k8s.core.v1.ConfigMap(
      `object-${index}`,
      {
        metadata: {
          name: `object-${index}`,
          namespace: "default",
          labels: { test: "interrupted-up" },
        },
        data: { value },
      },
      { provider },
    ),
);

export const ids = objects.map(({ id }) => id);
