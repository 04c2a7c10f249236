import { versions } from "../versions.ts";
import type { AddonDescription } from "./addon.ts";
import { splitImage } from "./image-values.ts";

const version = versions.addons.openbao;
const image = `quay.io/openbao/openbao:${version.app}`;

/** The secret store: three servers with Raft between them, sealed until people open it. */
export const openbao: AddonDescription = {
  name: "openbao",
  project: "management",
  chart: {
    name: "openbao",
    upstream: { kind: "oci", url: "oci://ghcr.io/openbao/charts/openbao" },
  },
  version,
  namespace: "openbao",
  podSecurity: "restricted",
  images: [image],
  values: ({ registry }) => ({
    global: { tlsDisable: false },
    // Secrets reach pods through external-secrets; a second way in would be a second thing to guard.
    injector: { enabled: false },
    csi: { enabled: false },
    ui: { enabled: false },
    server: {
      image: splitImage(registry, image),
      standalone: { enabled: false },
      ha: { enabled: true, replicas: 3, raft: { enabled: true, setNodeId: true } },
      dataStorage: { enabled: true, size: "20Gi" },
      auditStorage: { enabled: true, size: "20Gi" },
      volumes: [{ name: "tls", secret: { secretName: "openbao-tls" } }],
      volumeMounts: [{ name: "tls", mountPath: "/openbao/tls", readOnly: true }],
    },
  }),
  nodeSelectorPaths: ["server.nodeSelector"],
  tolerationPaths: ["server.tolerations"],
  dependsOn: ["cert-manager"],
  hasHooks: true,
  crds: [],
  healthCheck: { apiVersion: "apps/v1", kind: "StatefulSet", name: "openbao" },
};
